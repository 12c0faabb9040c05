rf_unit_test(test_feature_parts ROOMS graph)
rf_unit_test(test_features ROOMS graph SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/support/feature_oracle.c
             ${CMAKE_CURRENT_SOURCE_DIR}/support/oracle_structure.c
             ${CMAKE_CURRENT_SOURCE_DIR}/support/feature_world.c
             ${CMAKE_CURRENT_SOURCE_DIR}/support/feature_document.c)
rf_unit_test(test_feature_words ROOMS graph)
