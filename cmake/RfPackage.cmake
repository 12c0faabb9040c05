# Debian packages by CPack: ringfence (the program, its units and documents), libringfence0 and libringfence-dev.
#
#   cmake --preset package && cmake --build --preset package && cpack --config build/package/CPackConfig.cmake
#
# A build of any preset will do: `cpack --config build/release/CPackConfig.cmake`. The preset puts the library where Debian looks
# for this machine's kind. What the packages need is found by dpkg-shlibdeps. cmake/package_files.cmake adds what only a package
# has. With SOURCE_DATE_EPOCH, equal builds give equal packages.
set(RF_MAINTAINER "ringfence maintainers <ringfence@packages.invalid>" CACHE STRING "Maintainer of the packages, NAME <ADDRESS>")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ringfence)
set(CPACK_PACKAGE_CONTACT ${RF_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_FILE_NAME ringfence-${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_SOURCE_GENERATOR "") # `git archive` makes it

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL Program Library Development)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 0upstream1) # older than any revision of Debian's own
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package_files.cmake)
set(CPACK_RF_PACKAGING ${PROJECT_SOURCE_DIR}/packaging)
set(CPACK_RF_NEWS ${PROJECT_SOURCE_DIR}/CHANGELOG.md)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME ringfence)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "adduser, tzdata")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "finds fraud rings in streams of interaction events
Builds a bipartite graph of users and entities from events (orders, payments,
logins, reviews) of files or Kafka topics, trains a GraphBEAN autoencoder on
it, and says how surprising each user, entity and edge is, why, which types
of fraud it looks like, and who belongs to it. Actions go to a file or a
topic, graphs to the usual visualisers.
.
The package brings units for systemd. They run the job of a configuration
file in /etc/ringfence every hour.")
foreach(script postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/debian/${script})
endforeach()

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libringfence0)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/debian/triggers)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "finds fraud rings in streams of events (library)
The steps of the program ringfence for other programs: reading events into a
bipartite graph, training a GraphBEAN autoencoder on it, scores, tags, clusters
and actions, with the same files and the same guarantees.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libringfence-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
# scripts/setup.sh knows which package brings a module of pkg-config
file(READ ${PROJECT_SOURCE_DIR}/scripts/setup.sh setup)
set(needs "")
foreach(module IN LISTS RF_PKG_CONFIG_MODULES)
  if(NOT setup MATCHES "lib ${module} +[|] ([a-z0-9.+-]+)\n")
    message(FATAL_ERROR "scripts/setup.sh does not name the package that brings ${module}")
  endif()
  list(APPEND needs ${CMAKE_MATCH_1})
endforeach()
list(JOIN needs ", " needs)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libringfence0 (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}), libc6-dev, pkg-config | pkgconf, ${needs}")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "finds fraud rings in streams of events (development files)
The header of libringfence, its static library, and what pkg-config and CMake
find them by.")

include(CPack)
