# Warnings, sanitizers and floating-point rules: one interface target that every room and test links.
add_library(rf_compiler INTERFACE)
target_compile_definitions(rf_compiler INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE
                           $<$<CONFIG:Debug>:RF_DEBUG=1>)
target_compile_options(rf_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
  $<$<BOOL:${RF_WERROR}>:-Werror>
  $<$<C_COMPILER_ID:Clang>:-Wno-gnu-statement-expression> # librdkafka's RD_KAFKA_V_… macros, which -Wpedantic minds
  -ffp-contract=off          # the same sums on every compiler: fused multiply-adds only where a kernel asks
  -fno-math-errno)           # sqrt may be one instruction; NaN and infinity checks stay (never -ffast-math)
# GCC 12.2 at -O1 reads what walk_turns (gnn/workspace.c) stored through its parameter as what was there before the call. Other code
# may be struck, too, so the analysis that leads to it stays off.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 11 AND CMAKE_C_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(rf_compiler INTERFACE -fno-ipa-modref)
endif()
if(RF_NATIVE)
  target_compile_options(rf_compiler INTERFACE -march=native)
endif()
if(RF_SANITIZE)
  target_compile_options(rf_compiler INTERFACE -fsanitize=${RF_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(rf_compiler INTERFACE -fsanitize=${RF_SANITIZE})
endif()
# Foreign files are parsed: what users run stops at an overrun instead of going on. Sanitizers know better, and the checks of
# the C library need optimisation.
if(NOT RF_SANITIZE)
  target_compile_options(rf_compiler INTERFACE $<$<NOT:$<CONFIG:Debug>>:-fstack-protector-strong$<SEMICOLON>-U_FORTIFY_SOURCE$<SEMICOLON>-D_FORTIFY_SOURCE=2>)
  target_link_options(rf_compiler INTERFACE -Wl,-z,relro,-z,now)
endif()
if(RF_COVERAGE)
  target_compile_options(rf_compiler INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(rf_compiler INTERFACE --coverage)
endif()
