rf_unit_test(test_event_csv ROOMS ingest)
rf_unit_test(test_event_fields ROOMS ingest)
rf_unit_test(test_event_json ROOMS ingest)
