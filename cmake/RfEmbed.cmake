# rf_embed(out NAME FILE): FILE's bytes as part of the program, so that it needs no data files beside it.
#
# Sets `out` to a C source, made during the build and made again when FILE changes, for the SOURCES of a room of this
# directory. The program sees it by base/rf_embed.h: RF_EMBEDDED(NAME) declares what the source defines.
#
#   rf_embed(source shipped_rules ${PROJECT_SOURCE_DIR}/configs/rules.yaml)
#   rf_room(scoring SOURCES … ${source})
#
# As a script (cmake -DIN=… -DOUT=… -DNAME=… -P RfEmbed.cmake) this file does the work.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${IN}" hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR bytes "${digits} / 2")
  string(REPEAT "[0-9a-f]" 32 row)
  string(REGEX REPLACE "(${row})" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  file(WRITE "${OUT}" "/* made from a file of the source tree */\n#include <stddef.h>\n\n"
    "extern const unsigned char rf_embedded_${NAME}[];\nextern const size_t rf_embedded_${NAME}_len;\n\n"
    "const size_t rf_embedded_${NAME}_len = ${bytes};\n"
    "const unsigned char rf_embedded_${NAME}[] = { /* a NUL after the last byte */\n${hex}0x00};\n")
  return()
endif()

set(RF_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(rf_embed out name file)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.c)
  add_custom_command(OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DIN=${file} -DOUT=${source} -DNAME=${name} -P ${RF_EMBED_SCRIPT}
    DEPENDS ${file} ${RF_EMBED_SCRIPT} VERBATIM)
  set(${out} ${source} PARENT_SCOPE)
endfunction()
