# What `cmake --install` puts where, in three components (RfPackage.cmake makes a Debian package of each):
#
#   Program      the binary with its man page, documents, examples, schemas, and units for systemd
#   Library      libringfence.so
#   Development  ringfence.h, libringfence.a, and what finds them: a CMake package and two pkg-config files
#
# The target `product` is all of it that has to be built. What a build has left out, such as one of the program alone, is made
# when it is installed.
include(CMakePackageConfigHelpers)
install(CODE "set(binaries \"$<TARGET_FILE:ringfence>;$<TARGET_FILE:ringfence_static>;$<TARGET_FILE:ringfence_shared>\")
  foreach(file IN LISTS binaries ITEMS \"${PROJECT_BINARY_DIR}/ringfence.1\")
    if(NOT EXISTS \"\${file}\")
      message(STATUS \"Building: \${file} is not there yet\")
      execute_process(COMMAND \"${CMAKE_COMMAND}\" --build \"${PROJECT_BINARY_DIR}\" --target product COMMAND_ERROR_IS_FATAL ANY)
    endif()
  endforeach()" ALL_COMPONENTS)

# ---- the library: all rooms behind ringfence.h ----
# Everything but the functions of ringfence.h has hidden visibility. The shared library exports by a version script; the
# objects of the static one are joined and their hidden symbols made local, so that no name of ours, of Protobuf's
# generated code or of vendored code can collide with a program's.
set(RF_LIBRARY_ROOMS base kafka ingest graph gnn scoring export cli)
set(RF_LIBRARY_NEEDS PkgConfig::HDF5 PkgConfig::IGRAPH PkgConfig::OPENBLAS PkgConfig::LAPACKE PkgConfig::YAML
    PkgConfig::XXHASH PkgConfig::ZLIB PkgConfig::ZSTD PkgConfig::PROTOBUF_C PkgConfig::RDKAFKA PkgConfig::CRYPTO
    PkgConfig::AVRO PkgConfig::SNAPPY PkgConfig::LZMA PkgConfig::CURL PkgConfig::UTF8PROC)
set(RF_PKG_CONFIG_MODULES hdf5 igraph openblas lapacke yaml-0.1 libxxhash zlib libzstd libprotobuf-c rdkafka libcrypto
    avro-c snappy liblzma libcurl libutf8proc)
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
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Development
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Library NAMELINK_COMPONENT Development)
install(FILES ${PROJECT_SOURCE_DIR}/cli/library/ringfence.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT Development)

# ---- who looks for it ----
set(RF_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/ringfence)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ringfence-config.cmake.in
  ${PROJECT_BINARY_DIR}/ringfence-config.cmake INSTALL_DESTINATION ${RF_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ringfence-config-version.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT ringfence NAMESPACE ringfence:: FILE ringfence-targets.cmake DESTINATION ${RF_CMAKE_DIR} COMPONENT Development)
install(FILES ${PROJECT_BINARY_DIR}/ringfence-config.cmake ${PROJECT_BINARY_DIR}/ringfence-config-version.cmake
        DESTINATION ${RF_CMAKE_DIR} COMPONENT Development)
# the files of pkg-config find the rest from where they lie themselves, so the whole tree can be moved
list(JOIN RF_PKG_CONFIG_MODULES ", " RF_PKG_CONFIG_REQUIRES)
set(pkg_config_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH RF_PC_LIBDIR ${pkg_config_dir} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH RF_PC_PREFIX ${pkg_config_dir} ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH RF_PC_INCLUDEDIR ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
foreach(path RF_PC_LIBDIR RF_PC_PREFIX)
  string(REGEX REPLACE "/$" "" ${path} "${${path}}")
endforeach()
foreach(name ringfence ringfence-static)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/ringfence.pc ${PROJECT_BINARY_DIR}/ringfence-static.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT Development)

# ---- the binary, and the manual that its option tables write ----
install(TARGETS ringfence RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT Program)
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/ringfence.1
  COMMAND ringfence help --man > ${PROJECT_BINARY_DIR}/ringfence.1.new
  COMMAND ${CMAKE_COMMAND} -E rename ${PROJECT_BINARY_DIR}/ringfence.1.new ${PROJECT_BINARY_DIR}/ringfence.1
  DEPENDS ringfence VERBATIM)
add_custom_target(man ALL DEPENDS ${PROJECT_BINARY_DIR}/ringfence.1)
install(FILES ${PROJECT_BINARY_DIR}/ringfence.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT Program)

add_custom_target(product)
add_dependencies(product ringfence ringfence_static ringfence_shared man)

# ---- what is read beside it ----
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT Program)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs ${PROJECT_SOURCE_DIR}/examples
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT Program)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/configs ${PROJECT_SOURCE_DIR}/export/schema
        DESTINATION ${CMAKE_INSTALL_DATADIR}/ringfence COMPONENT Program)
# systemd looks here below /usr and below /usr/local
install(FILES ${PROJECT_SOURCE_DIR}/packaging/systemd/ringfence-rebuild@.service
              ${PROJECT_SOURCE_DIR}/packaging/systemd/ringfence-rebuild@.timer
              ${PROJECT_SOURCE_DIR}/packaging/systemd/ringfence-follow@.service
        DESTINATION lib/systemd/system COMPONENT Program)
