rf_unit_test(test_config ROOMS base)
rf_unit_test(test_opt ROOMS cli)
rf_unit_test(test_table ROOMS cli)
