# Tests on a real broker: tests/kafka/NAME.sh, run with the program (see lib.sh). Those in RF_KAFKA_TESTS share one broker, started by
# a fixture; those in RF_KAFKA_OWN_TESTS start one of their own, because they kill it, restart it or set it up otherwise. Where no broker can
# be had all of them skip themselves, and scripts/test.sh says so at its end.
set(RF_KAFKA_TESTS
    codecs dead_letters emit emit_kill erase follow formats from_until init late_writer no_broker partition_added retention_gap run_job shards topic_anew transactions)
set(RF_KAFKA_OWN_TESTS
    broker broker_dies emit_broker emit_denied no_topic secure soak_one soak_short)

set(RF_KAFKA_DIR ${CMAKE_CURRENT_BINARY_DIR}/kafka-broker)
add_test(NAME kafka.start COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/kafka/shared_broker.sh start ${RF_KAFKA_DIR})
add_test(NAME kafka.stop COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/kafka/shared_broker.sh stop ${RF_KAFKA_DIR})
set_tests_properties(kafka.start PROPERTIES FIXTURES_SETUP kafka SKIP_RETURN_CODE 77 LABELS "kafka;waits" TIMEOUT 300)
set_tests_properties(kafka.stop PROPERTIES FIXTURES_CLEANUP kafka LABELS "kafka;waits" TIMEOUT 60)

foreach(name ${RF_KAFKA_TESTS} ${RF_KAFKA_OWN_TESTS})
  add_test(NAME kafka.${name}
           COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/kafka/${name}.sh $<TARGET_FILE:ringfence>)
  set_tests_properties(kafka.${name} PROPERTIES LABELS "kafka;waits" SKIP_RETURN_CODE 77 TIMEOUT 300)
endforeach()
foreach(name ${RF_KAFKA_TESTS})
  set_tests_properties(kafka.${name} PROPERTIES FIXTURES_REQUIRED kafka ENVIRONMENT "RF_KAFKA_DIR=${RF_KAFKA_DIR}")
endforeach()
# the longest first, so that none of them runs alone at the end
set_tests_properties(kafka.broker_dies kafka.emit_broker kafka.emit_denied kafka.secure kafka.soak_one kafka.soak_short
                     PROPERTIES COST 100)
