if(RF_BUILD_BENCH)
  add_executable(bench_graph ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_graph.c)
  target_link_libraries(bench_graph PRIVATE rf_base rf_ingest rf_graph)
endif()
