# The page of `ringfence export --format html`: made again from its sources byte by byte, and used in headless Chromium. Where
# npm or Chromium cannot be had a test says so and is skipped.
if(NOT RF_SANITIZE AND NOT RF_VALGRIND)
  add_test(NAME page.bundle COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/page/bundle.sh)
  add_test(NAME page.browser COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/page/run.sh $<TARGET_FILE:ringfence> $<TARGET_FILE:make_exports>)
  set_tests_properties(page.bundle page.browser PROPERTIES LABELS page SKIP_RETURN_CODE 77 TIMEOUT 900 ENVIRONMENT "${RF_TEST_ENV}")
endif()
