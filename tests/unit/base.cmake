foreach(module beside block block_words count decimal file h5 h5_foreign h5_lend h5_map h5_spread idmap iso_forms json json_scan log mem memory_room mt19937 pool quote rng seal side subjects text time)
  rf_unit_test(test_${module} ROOMS base)
endforeach()
foreach(test test_json test_json_scan test_log) # a parser that is not ours judges texts there
  target_link_libraries(${test} PRIVATE PkgConfig::YAJL)
endforeach()
target_link_libraries(test_seal PRIVATE PkgConfig::HDF5) # as another program changes a file
rf_unit_test(test_kafka_conf ROOMS kafka KAFKA)
rf_unit_test(test_kafka_watch ROOMS kafka KAFKA)
