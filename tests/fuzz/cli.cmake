rf_fuzz_target(config ROOMS base)
rf_fuzz_target(opt ROOMS cli)
