rf_unit_test(test_time ROOMS base)
