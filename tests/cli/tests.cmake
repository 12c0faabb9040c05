# The binary as a user meets it: every tests/cli/cases/NAME.sh, with the expected output beside it (see run_case.sh). lib.sh is what they
# share; export needs readers (tests/readers), and limits and limit_processes are below.
file(GLOB cases CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cli/cases/*.sh)
foreach(case ${cases})
  get_filename_component(name ${case} NAME_WE)
  if(NOT name MATCHES "^(lib|export|limits|limit_processes)$")
    add_test(NAME cli.${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/run_case.sh $<TARGET_FILE:ringfence> ${case})
    set_tests_properties(cli.${name} PROPERTIES LABELS cli SKIP_RETURN_CODE 77 TIMEOUT 600)
  endif()
endforeach()

# what a sanitizer or valgrind adds to every process would count
if(NOT RF_SANITIZE AND NOT RF_VALGRIND)
  foreach(name limits limit_processes)
    add_test(NAME cli.${name}
             COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/run_case.sh $<TARGET_FILE:ringfence>
                     ${CMAKE_CURRENT_SOURCE_DIR}/cli/cases/${name}.sh)
  endforeach()
  add_test(NAME cli.memory COMMAND ${PROJECT_SOURCE_DIR}/scripts/bench-memory.sh $<TARGET_FILE:ringfence>)
  set_tests_properties(cli.limits cli.limit_processes cli.memory PROPERTIES LABELS cli SKIP_RETURN_CODE 77 TIMEOUT 300 ENVIRONMENT "SCALE=0.02")
endif()

# A sample of scripts/soak-faults.sh: disks that are too small, damaged files, files that another job replaces meanwhile, calls that fail
# or end in a kill.
set(fault_kinds disk damage pairs)
if(NOT RF_SANITIZE AND NOT RF_VALGRIND) # these cannot be traced as well
  list(APPEND fault_kinds writes erase)
endif()
foreach(kind ${fault_kinds})
  add_test(NAME cli.faults_${kind} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/fault_sample.sh ${kind})
  set_tests_properties(
    cli.faults_${kind}
    PROPERTIES
      ENVIRONMENT "RINGFENCE=$<TARGET_FILE:ringfence>;STEP=1000;ERRORS=EIO;SIZES=8;TRIES=40;ROUNDS=16;OPENBLAS_NUM_THREADS=1;SOURCE_DATE_EPOCH=1769817600"
      LABELS cli SKIP_RETURN_CODE 77 TIMEOUT 300)
endforeach()

# The alert rules in examples/, where promtool is installed.
add_test(NAME cli.alert_rules COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/alert_rules.sh)
set_tests_properties(cli.alert_rules PROPERTIES LABELS cli SKIP_RETURN_CODE 77 TIMEOUT 60)
