foreach(module file h5 idmap json log mem mt19937 pool rng text time)
  rf_unit_test(test_${module} ROOMS base)
endforeach()
# these read back with a parser what base wrote
target_link_libraries(test_json PRIVATE PkgConfig::YAJL)
target_link_libraries(test_log PRIVATE PkgConfig::YAJL)
rf_unit_test(test_kafka_conf ROOMS kafka KAFKA)
