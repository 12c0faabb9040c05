if(RF_BUILD_BENCH)
  # scripts/bench.sh runs it
  add_executable(bench_graph ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_graph.c)
  target_link_libraries(bench_graph PRIVATE rf_base rf_ingest rf_graph)
  add_executable(bench_kinds ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_kinds.c)
  target_link_libraries(bench_kinds PRIVATE rf_base rf_graph)
  # scripts/bench-near.sh runs it
  add_executable(bench_near ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_near.c)
  target_include_directories(bench_near PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support)
  target_link_libraries(bench_near PRIVATE rf_base rf_ingest rf_graph)
endif()
