rf_fuzz_target(h5 ROOMS base)
rf_fuzz_target(text ROOMS base)
