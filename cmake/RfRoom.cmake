# rf_room(name SOURCES a.c folder/b.c … [USES room …] [LINKS target …])
#
# A room is a static library that exposes its own folder, the sub-folders that its sources lie in, and the same of the
# rooms that it uses: an include up the street does not compile. scripts/check-rooms.sh holds the lines between the
# sub-folders of a room. Each room also exists as <room>_f64, compiled with rf_real = double (built on demand only, for
# the gradient checks and the double golden tests).
macro(rf_room_variant target suffix)
  add_library(${target} STATIC ${R_SOURCES})
  target_include_directories(${target} PUBLIC ${R_FOLDERS})
  target_link_libraries(${target} PUBLIC rf_compiler Threads::Threads m)
  foreach(room IN LISTS R_USES)
    target_link_libraries(${target} PUBLIC rf_${room}${suffix})
  endforeach()
  if(R_LINKS)
    target_link_libraries(${target} PRIVATE ${R_LINKS})
  endif()
endmacro()

function(rf_room name)
  cmake_parse_arguments(R "" "" "SOURCES;USES;LINKS" ${ARGN})
  set(R_FOLDERS ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(source IN LISTS R_SOURCES)
    get_filename_component(folder "${source}" DIRECTORY)
    if(folder AND NOT IS_ABSOLUTE "${source}")
      list(APPEND R_FOLDERS ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES R_FOLDERS)
  rf_room_variant(rf_${name} "")
  rf_room_variant(rf_${name}_f64 "_f64")
  target_compile_definitions(rf_${name}_f64 PUBLIC RF_REAL_DOUBLE=1)
  set_target_properties(rf_${name}_f64 PROPERTIES EXCLUDE_FROM_ALL ON)
endfunction()
