rf_unit_test(test_adj ROOMS base graph)
rf_unit_test(test_bigraph ROOMS base graph)
rf_unit_test(test_freeze ROOMS base graph)
rf_unit_test(test_graph_file ROOMS base graph F64)
