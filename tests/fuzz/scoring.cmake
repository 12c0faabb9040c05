rf_fuzz_target(rules ROOMS cli)
rf_fuzz_target(suppress ROOMS base graph scoring)
