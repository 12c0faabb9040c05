rf_unit_test(test_simulate ROOMS cli)
target_link_libraries(test_simulate PRIVATE PkgConfig::YAJL)
rf_unit_test(test_simulate_realism ROOMS base ingest SLOW)
rf_unit_test(test_simulate_traces ROOMS base ingest)
