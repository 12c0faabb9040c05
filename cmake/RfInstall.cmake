# What `cmake --install` puts where: the binary with its man page, libringfence.a with its headers, and what
# finds them (a CMake package and a pkg-config file). The verbs' room, cli, belongs to the binary alone.
include(CMakePackageConfigHelpers)

set(RF_LIBRARY_ROOMS base kafka ingest graph gnn scoring export)
set(RF_PKG_CONFIG_MODULES hdf5 igraph openblas lapacke yaml-0.1 yajl libxxhash zlib libzstd libprotobuf-c rdkafka)

# ---- the library: all rooms in one archive ----
set(objects "")
foreach(room IN LISTS RF_LIBRARY_ROOMS)
  list(APPEND objects $<TARGET_OBJECTS:rf_${room}>)
endforeach()
add_library(ringfence_library STATIC ${objects})
add_library(ringfence::ringfence ALIAS ringfence_library)
set_target_properties(ringfence_library PROPERTIES OUTPUT_NAME ringfence EXPORT_NAME ringfence LINKER_LANGUAGE C)
target_include_directories(ringfence_library INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/ringfence>)
target_link_libraries(ringfence_library PUBLIC Threads::Threads m
  PRIVATE PkgConfig::HDF5 PkgConfig::IGRAPH PkgConfig::OPENBLAS PkgConfig::LAPACKE PkgConfig::YAML PkgConfig::YAJL
          PkgConfig::XXHASH PkgConfig::ZLIB PkgConfig::ZSTD PkgConfig::PROTOBUF_C PkgConfig::RDKAFKA)

install(TARGETS ringfence_library EXPORT ringfence ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(room base ingest graph gnn scoring export)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${room}/rf_*.h)
  install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ringfence)
endforeach()

# ---- who looks for it ----
set(RF_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/ringfence)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ringfence-config.cmake.in
  ${PROJECT_BINARY_DIR}/ringfence-config.cmake INSTALL_DESTINATION ${RF_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ringfence-config-version.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT ringfence NAMESPACE ringfence:: FILE ringfence-targets.cmake DESTINATION ${RF_PACKAGE_DIR})
install(FILES ${PROJECT_BINARY_DIR}/ringfence-config.cmake ${PROJECT_BINARY_DIR}/ringfence-config-version.cmake
        DESTINATION ${RF_PACKAGE_DIR})
list(JOIN RF_PKG_CONFIG_MODULES ", " RF_PKG_CONFIG_REQUIRES)
configure_file(${CMAKE_CURRENT_LIST_DIR}/ringfence.pc.in ${PROJECT_BINARY_DIR}/ringfence.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/ringfence.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

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
