rf_unit_test(test_emit ROOMS export SOURCES ${RF_MADE_GRAPH})
rf_unit_test(test_picture ROOMS export SOURCES ${RF_MADE_GRAPH})
