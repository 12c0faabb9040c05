rf_fuzz_target(scores ROOMS base graph scoring export)
