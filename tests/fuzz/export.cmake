rf_fuzz_target(scores ROOMS base graph scoring export SOURCES ${RF_FUZZ_FILE})
rf_fuzz_target(alerts ROOMS base graph scoring export SOURCES ${RF_FUZZ_FILE})
rf_fuzz_target(findings ROOMS base graph gnn scoring export SOURCES ${RF_FUZZ_FINDINGS})
rf_fuzz_target(published ROOMS base kafka graph scoring export SOURCES ${RF_FUZZ_FILE})
