rf_fuzz_target(rules ROOMS base graph gnn scoring)
rf_fuzz_target(suppress ROOMS base graph scoring)
