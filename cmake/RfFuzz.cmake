# rf_fuzz_target(name ROOMS room … [SOURCES more.c …]): tests/fuzz/fuzz_<name>.c defines LLVMFuzzerTestOneInput.
#
# Always built: replay_<name>, a plain driver that runs every file of tests/fuzz/corpus/<name>/ (and the empty
# input) once; it is the CTest test fuzz.<name>, labelled `fuzz`. With RF_BUILD_FUZZ and clang also
# fuzz_<name>, the libFuzzer binary that scripts/fuzz.sh runs.
if(RF_BUILD_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "RF_BUILD_FUZZ needs clang: cmake --preset fuzz")
  endif()
  # the rooms report their branches to libFuzzer; interface options reach targets defined before this line
  target_compile_options(rf_compiler INTERFACE -fsanitize=fuzzer-no-link)
endif()

add_library(rf_fuzz_support INTERFACE)
target_link_libraries(rf_fuzz_support INTERFACE rf_test_support)
target_compile_options(rf_fuzz_support INTERFACE -Wno-missing-prototypes) # libFuzzer's entry point has none

function(rf_fuzz_binary target source)
  add_executable(${target} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/${source}.c ${F_SOURCES})
  target_link_libraries(${target} PRIVATE rf_compiler)
  foreach(room IN LISTS F_ROOMS)
    target_link_libraries(${target} PRIVATE rf_${room})
  endforeach()
  target_link_libraries(${target} PRIVATE rf_fuzz_support)
endfunction()

function(rf_fuzz_target name)
  cmake_parse_arguments(F "" "" "ROOMS;SOURCES" ${ARGN})
  rf_fuzz_binary(replay_${name} fuzz_${name})
  target_sources(replay_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support/fuzz_main.c)
  add_test(NAME fuzz.${name} COMMAND replay_${name} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
  set_tests_properties(fuzz.${name} PROPERTIES ENVIRONMENT "${RF_TEST_ENV}" LABELS fuzz TIMEOUT 300)
  if(RF_BUILD_FUZZ)
    rf_fuzz_binary(fuzz_${name} fuzz_${name})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()
