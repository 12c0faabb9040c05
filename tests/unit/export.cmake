rf_unit_test(test_emit ROOMS export SOURCES ${RF_MADE_GRAPH})
rf_unit_test(test_picture ROOMS export SOURCES ${RF_MADE_GRAPH})
rf_unit_test(test_kafka_sink ROOMS export SOURCES ${RF_MADE_GRAPH})
target_link_libraries(test_kafka_sink PRIVATE PkgConfig::RDKAFKA)
