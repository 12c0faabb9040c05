rf_unit_test(test_h5 ROOMS base)
rf_unit_test(test_time ROOMS base)
