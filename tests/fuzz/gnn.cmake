rf_fuzz_target(checkpoint ROOMS base graph gnn SOURCES ${RF_FUZZ_FILE})
rf_fuzz_target(model ROOMS base graph gnn SOURCES ${RF_FUZZ_FILE} ${CMAKE_CURRENT_SOURCE_DIR}/support/made_graph.c)
