# CPack runs this between installing the components into their folders and packing them (RfPackage.cmake). It adds what
# Debian wants of a package and `cmake --install` does not bring: copyright, changelogs, compressed manuals, the folder of
# settings; and takes out what nobody needs.
find_program(gzip gzip REQUIRED)
find_program(strip strip REQUIRED)

function(compress file)
  execute_process(COMMAND ${gzip} -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# changelog.Debian.gz says that this is the first package of this version; changelog.gz is CHANGELOG.md.
function(add_documents component package)
  set(folder ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share/doc/${package})
  file(COPY ${CPACK_RF_PACKAGING}/debian/copyright DESTINATION ${folder})
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
  file(WRITE ${folder}/changelog.Debian
    "ringfence (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
    "  * Made from the sources of version ${CPACK_PACKAGE_VERSION}; changelog.gz lists the changes.\n\n"
    " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  configure_file(${CPACK_RF_NEWS} ${folder}/changelog COPYONLY)
  compress(${folder}/changelog.Debian)
  compress(${folder}/changelog)
endfunction()

add_documents(Program ringfence)
add_documents(Library libringfence0)
add_documents(Development libringfence-dev)

set(program ${CPACK_TEMPORARY_DIRECTORY}/Program)
file(REMOVE ${program}/usr/share/doc/ringfence/LICENSE ${program}/usr/share/doc/ringfence/CHANGELOG.md)
compress(${program}/usr/share/man/man1/ringfence.1)
file(MAKE_DIRECTORY ${program}/etc/ringfence)

file(GLOB shared ${CPACK_TEMPORARY_DIRECTORY}/Library/usr/lib/libringfence.so.*.* ${CPACK_TEMPORARY_DIRECTORY}/Library/usr/lib/*/libringfence.so.*.*)
file(GLOB static ${CPACK_TEMPORARY_DIRECTORY}/Development/usr/lib/libringfence.a ${CPACK_TEMPORARY_DIRECTORY}/Development/usr/lib/*/libringfence.a)
execute_process(COMMAND ${strip} --remove-section=.comment ${program}/usr/bin/ringfence ${shared} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${strip} --strip-debug --remove-section=.comment --enable-deterministic-archives ${static} COMMAND_ERROR_IS_FATAL ANY)
configure_file(${CPACK_RF_PACKAGING}/debian/lintian-overrides
               ${CPACK_TEMPORARY_DIRECTORY}/Library/usr/share/lintian/overrides/libringfence0 COPYONLY)
