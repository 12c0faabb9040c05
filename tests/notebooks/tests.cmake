# Notebooks: clean as committed; and executed on two small simulated runs, after the module that they read the files with has been
# compared with what the program itself prints. The Python for it is fetched once (tests/readers/fetch.sh); where that
# fails the test says so and is skipped.
set(RF_NOTEBOOKS ${CMAKE_CURRENT_SOURCE_DIR}/notebooks)
find_program(RF_PYTHON3 python3)
if(RF_PYTHON3)
  add_test(NAME notebooks.clean COMMAND ${RF_PYTHON3} ${RF_NOTEBOOKS}/check_clean.py ${PROJECT_SOURCE_DIR}/notebooks)
  set_tests_properties(notebooks.clean PROPERTIES LABELS notebooks)
endif()
if(NOT RF_SANITIZE AND NOT RF_VALGRIND) # the same bytes there
  add_test(NAME notebooks.execute COMMAND sh ${RF_NOTEBOOKS}/run.sh $<TARGET_FILE:ringfence>)
  set_tests_properties(notebooks.execute PROPERTIES LABELS notebooks SKIP_RETURN_CODE 77 TIMEOUT 900 ENVIRONMENT "${RF_TEST_ENV}")
endif()
