rf_unit_test(test_adj ROOMS base graph)
rf_unit_test(test_bigraph ROOMS base graph)
rf_unit_test(test_bigraph_long ROOMS base graph SLOW)
rf_unit_test(test_freeze ROOMS base graph)
rf_unit_test(test_graph_file ROOMS base graph F64)
rf_unit_test(test_positions ROOMS base graph)
rf_unit_test(test_shard ROOMS base graph SLOW) # its killed and stopped children keep what they had
rf_unit_test(test_merge ROOMS base graph SLOW)
rf_unit_test(test_communities ROOMS graph)
