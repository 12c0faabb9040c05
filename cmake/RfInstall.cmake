# What `cmake --install` puts where: the binary with its man page, the library (static and shared) with its one header,
# and what finds them (a CMake package and a pkg-config file).
include(CMakePackageConfigHelpers)

# ---- the library: all rooms behind ringfence.h ----
# Everything but the functions of ringfence.h has hidden visibility. The shared library exports by a version script; the
# objects of the static one are joined and their hidden symbols made local, so that no name of ours, of Protobuf's
# generated code or of vendored code can collide with a program's.
set(RF_LIBRARY_ROOMS base kafka ingest graph gnn scoring export cli)
set(RF_LIBRARY_NEEDS PkgConfig::HDF5 PkgConfig::IGRAPH PkgConfig::OPENBLAS PkgConfig::LAPACKE PkgConfig::YAML
    PkgConfig::XXHASH PkgConfig::ZLIB PkgConfig::ZSTD PkgConfig::PROTOBUF_C PkgConfig::RDKAFKA)
set(RF_PKG_CONFIG_MODULES hdf5 igraph openblas lapacke yaml-0.1 libxxhash zlib libzstd libprotobuf-c rdkafka)
set(objects "")
set(archives "")
foreach(room IN LISTS RF_LIBRARY_ROOMS)
  list(APPEND objects $<TARGET_OBJECTS:rf_${room}>)
  list(APPEND archives rf_${room})
endforeach()

set(joined ${PROJECT_BINARY_DIR}/ringfence.o)
add_custom_command(OUTPUT ${joined}
  COMMAND ${CMAKE_LINKER} -r -o ${joined} ${objects}
  COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${joined}
  DEPENDS ${archives} COMMAND_EXPAND_LISTS VERBATIM)
add_library(ringfence_static STATIC ${joined})
set_source_files_properties(${joined} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
add_library(ringfence_shared SHARED ${objects})
target_link_options(ringfence_shared PRIVATE -Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/ringfence.map)
if(NOT RF_SANITIZE) # clang leaves the sanitizer's own symbols to the program
  target_link_options(ringfence_shared PRIVATE -Wl,--no-undefined)
endif()
set_target_properties(ringfence_shared PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0
                      LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/ringfence.map)
target_link_libraries(ringfence_shared PRIVATE rf_compiler)
foreach(library ringfence_static ringfence_shared)
  set_target_properties(${library} PROPERTIES OUTPUT_NAME ringfence LINKER_LANGUAGE C)
  target_include_directories(${library} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${library} PRIVATE Threads::Threads m ${RF_LIBRARY_NEEDS})
endforeach()
set_target_properties(ringfence_shared PROPERTIES EXPORT_NAME ringfence)

install(TARGETS ringfence_static ringfence_shared EXPORT ringfence
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${PROJECT_SOURCE_DIR}/cli/library/ringfence.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# ---- who looks for it ----
set(RF_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/ringfence)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ringfence-config.cmake.in
  ${PROJECT_BINARY_DIR}/ringfence-config.cmake INSTALL_DESTINATION ${RF_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ringfence-config-version.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT ringfence NAMESPACE ringfence:: FILE ringfence-targets.cmake DESTINATION ${RF_PACKAGE_DIR})
install(FILES ${PROJECT_BINARY_DIR}/ringfence-config.cmake ${PROJECT_BINARY_DIR}/ringfence-config-version.cmake
        DESTINATION ${RF_PACKAGE_DIR})
list(JOIN RF_PKG_CONFIG_MODULES ", " RF_PKG_CONFIG_REQUIRES)
foreach(name ringfence ringfence-static)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/ringfence.pc ${PROJECT_BINARY_DIR}/ringfence-static.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# ---- the binary, and the manual that its option tables write ----
install(TARGETS ringfence RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/ringfence.1
  COMMAND ringfence help --man > ${PROJECT_BINARY_DIR}/ringfence.1.new
  COMMAND ${CMAKE_COMMAND} -E rename ${PROJECT_BINARY_DIR}/ringfence.1.new ${PROJECT_BINARY_DIR}/ringfence.1
  DEPENDS ringfence VERBATIM)
add_custom_target(man ALL DEPENDS ${PROJECT_BINARY_DIR}/ringfence.1)
install(FILES ${PROJECT_BINARY_DIR}/ringfence.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/configs ${PROJECT_SOURCE_DIR}/export/schema
        DESTINATION ${CMAKE_INSTALL_DATADIR}/ringfence)
