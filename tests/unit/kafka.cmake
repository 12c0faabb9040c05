# What talks to Kafka, against librdkafka's mock cluster inside the test's own process.
foreach(module group lag letters queue source)
  rf_unit_test(test_kafka_${module} ROOMS ingest)
  target_link_libraries(test_kafka_${module} PRIVATE PkgConfig::RDKAFKA)
endforeach()
