if(RF_BUILD_BENCH)
  # scripts/bench.sh runs it
  add_executable(bench_epoch
                 ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_epoch.c
                 ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_shape.c
                 ${CMAKE_CURRENT_SOURCE_DIR}/bench/minimum_work.c
                 ${CMAKE_CURRENT_SOURCE_DIR}/bench/roofline.c)
  target_link_libraries(bench_epoch PRIVATE rf_base rf_graph rf_gnn rf_scoring)
  # by hand: what our own products are worth beside BLAS's
  add_executable(bench_products
                 ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_products.c
                 ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_shape.c)
  target_link_libraries(bench_products PRIVATE rf_base rf_graph rf_gnn)
endif()
