rf_fuzz_target(snapshot ROOMS base graph SOURCES ${RF_FUZZ_FILE})
rf_fuzz_target(shard ROOMS base graph SOURCES ${RF_FUZZ_FILE})
