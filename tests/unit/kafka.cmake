# What talks to Kafka, against librdkafka's mock cluster inside the test's own process.
set(slow_group SLOW) # they wait for a minute and more
set(slow_source SLOW)
set(slow_trouble SLOW)
foreach(module batch group lag letters origin queue sample source trouble)
  rf_unit_test(test_kafka_${module} ROOMS ingest KAFKA ${slow_${module}})
endforeach()
# its members must answer within a session's time-out: no other waiting test beside it
set_tests_properties(unit.test_kafka_group PROPERTIES RUN_SERIAL ON)
rf_unit_test(test_kafka_shards ROOMS cli KAFKA)
