rf_unit_test(test_config ROOMS cli)
rf_unit_test(test_opt ROOMS cli)
rf_unit_test(test_report ROOMS cli SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/support/made_graph.c)
rf_unit_test(test_table ROOMS cli)
