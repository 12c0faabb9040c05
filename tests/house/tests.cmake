# Tests of the house itself: include rules, headers alone, and what is installed.
add_test(NAME house.rooms COMMAND ${PROJECT_SOURCE_DIR}/scripts/check-rooms.sh)
set_tests_properties(house.rooms PROPERTIES LABELS house)

add_test(NAME house.bench COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/house/bench.sh ${PROJECT_SOURCE_DIR})
set_tests_properties(house.bench PROPERTIES LABELS house SKIP_RETURN_CODE 77)

# What is shipped; sanitizers would see the same, and their libraries are no part of it.
if(NOT RF_SANITIZE AND NOT RF_COVERAGE)
  add_test(NAME house.units COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/house/units.sh $<TARGET_FILE:ringfence> ${PROJECT_SOURCE_DIR})
  set_tests_properties(house.units PROPERTIES LABELS house SKIP_RETURN_CODE 77)
  add_test(NAME house.container COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/house/container.sh ${PROJECT_SOURCE_DIR})
  set_tests_properties(house.container PROPERTIES LABELS house SKIP_RETURN_CODE 77)
  add_test(NAME house.sbom COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/house/sbom.sh $<TARGET_FILE:ringfence> ${PROJECT_SOURCE_DIR})
  set_tests_properties(house.sbom PROPERTIES LABELS house SKIP_RETURN_CODE 77)
endif()

# Every public header compiles alone, twice in one file.
set(headers "")
foreach(room base ingest graph gnn scoring export cli)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${room}/rf_*.h)
  list(APPEND headers ${found})
endforeach()
set(alone "")
foreach(header IN LISTS headers)
  get_filename_component(file ${header} NAME)
  string(REPLACE "." "_" source "${file}")
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/headers/${source}.c CONTENT
       "#include \"${file}\"\n#include \"${file}\"\ntypedef int ${source}_compiles_alone;\n" @ONLY)
  list(APPEND alone ${CMAKE_CURRENT_BINARY_DIR}/headers/${source}.c)
endforeach()
add_library(rf_headers_alone OBJECT ${alone})
target_link_libraries(rf_headers_alone PRIVATE rf_cli)

# Installs into a fresh folder, without the libraries at first, and builds examples/embed/worst.c against it, with pkg-config and with CMake. Sanitized
# archives need the sanitizer at every link, so there it is left out.
if(NOT RF_SANITIZE AND NOT RF_COVERAGE AND NOT RF_BUILD_FUZZ)
  add_test(NAME house.install COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/house/install.sh ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR})
  set_tests_properties(house.install PROPERTIES LABELS house TIMEOUT 300 RESOURCE_LOCK product
                       ENVIRONMENT "CC=${CMAKE_C_COMPILER};CMAKE=${CMAKE_COMMAND}")
  add_test(NAME house.package COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/house/package.sh ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR})
  set_tests_properties(house.package PROPERTIES LABELS house TIMEOUT 300 RESOURCE_LOCK product SKIP_RETURN_CODE 77
                       ENVIRONMENT "CMAKE=${CMAKE_COMMAND}")
endif()
