# files of ours that are changed without a way through HDF5
set(RF_FUZZ_FILE ${CMAKE_CURRENT_SOURCE_DIR}/support/fuzz_file.c ${CMAKE_CURRENT_SOURCE_DIR}/support/fuzz_assert.c)
rf_fuzz_target(h5 ROOMS base)
rf_fuzz_target(text ROOMS base)
rf_fuzz_target(secret ROOMS base kafka SOURCES ${RF_FUZZ_FILE})
