rf_unit_test(test_bigraph ROOMS base graph)
