if(RF_BUILD_BENCH)
  # scripts/bench-train.sh runs it
  add_executable(bench_epoch ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_epoch.c)
  target_link_libraries(bench_epoch PRIVATE rf_base rf_graph rf_gnn)
endif()
