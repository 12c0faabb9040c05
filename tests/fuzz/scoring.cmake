rf_fuzz_target(rules ROOMS base graph gnn scoring)
