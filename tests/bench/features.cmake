if(RF_BUILD_BENCH)
  # scripts/bench.sh runs it
  add_executable(bench_features ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_features.c)
  target_link_libraries(bench_features PRIVATE rf_base rf_graph)
endif()
