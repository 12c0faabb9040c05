rf_unit_test(test_rank ROOMS scoring F64)
rf_unit_test(test_metrics ROOMS scoring F64)
