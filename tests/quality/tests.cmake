# What the ranking finds in data that a script plants (docs/QUALITY.md has more). The large one needs the shared data.
if(NOT RF_SANITIZE AND NOT RF_VALGRIND)
  add_test(NAME quality.planted_reviewers COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/quality/planted_reviewers.sh $<TARGET_FILE:ringfence>)
  add_test(NAME quality.planted_reviewers_ring
           COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/quality/planted_reviewers.sh $<TARGET_FILE:ringfence> ring/wiki_ring_0.csv.gz)
  set_tests_properties(quality.planted_reviewers quality.planted_reviewers_ring PROPERTIES LABELS quality SKIP_RETURN_CODE 77 TIMEOUT 600)
endif()
