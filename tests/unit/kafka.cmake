# What talks to Kafka, against librdkafka's mock cluster inside the test's own process.
set(slow_group SLOW) # they wait for a minute and more
set(slow_source SLOW)
foreach(module batch group lag letters queue source)
  rf_unit_test(test_kafka_${module} ROOMS ingest ${slow_${module}})
  target_link_libraries(test_kafka_${module} PRIVATE PkgConfig::RDKAFKA)
endforeach()
if("${RF_SANITIZE}" MATCHES thread) # see support/c11_threads.c
  foreach(module batch group source)
    target_sources(test_kafka_${module} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support/c11_threads.c)
    set_target_properties(test_kafka_${module} PROPERTIES ENABLE_EXPORTS ON)
    set_property(TEST unit.test_kafka_${module} APPEND PROPERTY ENVIRONMENT
                 "TSAN_OPTIONS=halt_on_error=1:suppressions=${CMAKE_CURRENT_SOURCE_DIR}/support/tsan.supp")
  endforeach()
endif()
