rf_fuzz_target(snapshot ROOMS base graph)
