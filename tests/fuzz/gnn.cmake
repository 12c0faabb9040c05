rf_fuzz_target(checkpoint ROOMS base graph gnn)
