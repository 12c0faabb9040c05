if(RF_BUILD_BENCH)
  add_executable(bench_cluster ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_cluster.c)
  target_link_libraries(bench_cluster PRIVATE rf_base rf_graph rf_scoring)
endif()
