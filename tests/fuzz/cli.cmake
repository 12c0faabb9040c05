rf_fuzz_target(config ROOMS cli)
rf_fuzz_target(opt ROOMS cli)
