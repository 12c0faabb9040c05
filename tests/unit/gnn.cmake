rf_unit_test(test_golden ROOMS base graph gnn F64)
