rf_fuzz_target(event_csv ROOMS base ingest)
rf_fuzz_target(event_json ROOMS base ingest)
rf_fuzz_target(time_pattern ROOMS base ingest)
