# Every format of `ringfence export`, read by the programs that users open it with (tests/readers/NAME.sh). What they
# are is fetched once (fetch.sh); where that fails a test says so and is skipped. Those that start a Java program and take
# long have a label of their own.
set(RF_READERS cx2 cytoscapejs dot gexf graphml svg)
set(RF_READERS_SLOW gephi neo4j)
if(RF_SANITIZE OR RF_VALGRIND)
  set(RF_READERS dot) # the same bytes for the others
  set(RF_READERS_SLOW)
endif()

set(RF_HOSTILE ${CMAKE_CURRENT_SOURCE_DIR}/readers/hostile.c ${CMAKE_CURRENT_SOURCE_DIR}/readers/hostile_findings.c)
add_executable(make_exports ${CMAKE_CURRENT_SOURCE_DIR}/readers/make_exports.c
                            ${CMAKE_CURRENT_SOURCE_DIR}/readers/write_truth.c ${RF_HOSTILE} ${RF_MADE_CLUSTERS} ${RF_MADE_TAGS})
target_link_libraries(make_exports PRIVATE rf_export rf_test_support)
foreach(name ${RF_READERS} ${RF_READERS_SLOW})
  add_test(NAME readers.${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/readers/run.sh $<TARGET_FILE:make_exports> ${name})
  set_tests_properties(readers.${name} PROPERTIES LABELS readers SKIP_RETURN_CODE 77 TIMEOUT 600 ENVIRONMENT "${RF_TEST_ENV}")
endforeach()
foreach(name ${RF_READERS_SLOW})
  set_tests_properties(readers.${name} PROPERTIES LABELS readers_slow)
endforeach()

add_test(NAME cli.export COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/run_case.sh $<TARGET_FILE:ringfence>
                                 ${CMAKE_CURRENT_SOURCE_DIR}/cli/cases/export.sh)
set_tests_properties(cli.export PROPERTIES LABELS cli SKIP_RETURN_CODE 77 TIMEOUT 600)
