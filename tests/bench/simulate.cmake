if(RF_BUILD_BENCH)
  # scripts/bench-build.sh runs it
  add_executable(bench_build ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_build.c)
  target_link_libraries(bench_build PRIVATE rf_base rf_ingest rf_graph)
endif()
