rf_unit_test(test_golden ROOMS base graph gnn F64)
rf_unit_test(test_kernels ROOMS base graph gnn F64)
rf_unit_test(test_bean_conv ROOMS base graph gnn F64)
rf_unit_test(test_graphbean ROOMS base graph gnn F64)
