# The binary as a user meets it: tests/cli/cases/NAME.sh, with the expected output beside it (see run_case.sh).
foreach(name
    auto_epochs changed_settings cluster configs erase file_modes frozen golden help_config help_man help_overview help_verbs hostile_input hostile_text inspect interrupt_build interrupt_input interrupt_steps interrupt_train kafka_settings kill_build
    kill_run kill_train logs merge metrics missing_files no_times no_verb pipeline pseudonyms readme rejects retention run stdin_and_threads streams suppress tag two_builds two_taggers unknown_verb upgrade version
    wrong_config wrong_usage)
  add_test(NAME cli.${name}
           COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/run_case.sh $<TARGET_FILE:ringfence>
                   ${CMAKE_CURRENT_SOURCE_DIR}/cli/cases/${name}.sh)
  set_tests_properties(cli.${name} PROPERTIES LABELS cli SKIP_RETURN_CODE 77 TIMEOUT 600)
endforeach()

# what a sanitizer or valgrind adds to every process would count
if(NOT RF_SANITIZE AND NOT RF_VALGRIND)
  add_test(NAME cli.limits
           COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/run_case.sh $<TARGET_FILE:ringfence>
                   ${CMAKE_CURRENT_SOURCE_DIR}/cli/cases/limits.sh)
  add_test(NAME cli.memory COMMAND ${PROJECT_SOURCE_DIR}/scripts/bench-memory.sh $<TARGET_FILE:ringfence>)
  set_tests_properties(cli.limits cli.memory PROPERTIES LABELS cli SKIP_RETURN_CODE 77 TIMEOUT 300 ENVIRONMENT "SCALE=0.02")
endif()

# A sample of scripts/soak-faults.sh: disks that are too small, damaged files, and files that another job replaces meanwhile.
foreach(kind disk damage pairs)
  add_test(NAME cli.faults_${kind} COMMAND python3 ${PROJECT_SOURCE_DIR}/scripts/faults/${kind}.py)
  set_tests_properties(
    cli.faults_${kind}
    PROPERTIES ENVIRONMENT "RINGFENCE=$<TARGET_FILE:ringfence>;SIZES=8;TRIES=40;ROUNDS=16;OPENBLAS_NUM_THREADS=1;SOURCE_DATE_EPOCH=1769817600"
               LABELS cli SKIP_RETURN_CODE 77 TIMEOUT 300)
endforeach()
