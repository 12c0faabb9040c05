# Files in the shapes of public data sets and of exports: `init` proposes, `run` runs.
if(NOT RF_SANITIZE AND NOT RF_VALGRIND)
  foreach(shape paysim banksim ieee_cis ibm_aml sparkov tabformer elliptic elliptic_edges bitcoin_otc taobao yelp amazon amazon_2023 gh_archive
                stripe shopify debezium mongo)
    add_test(NAME cli.shape_${shape} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/shapes/try_shape.py $<TARGET_FILE:ringfence> ${shape})
    set_tests_properties(cli.shape_${shape} PROPERTIES ENVIRONMENT "OPENBLAS_NUM_THREADS=1;PYTHONDONTWRITEBYTECODE=1" LABELS cli TIMEOUT 60)
  endforeach()
  # Tables that nobody should send, and somebody does: one event, all alike, kinds that are mostly empty.
  add_test(NAME cli.strange_tables COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/shapes/strange_tables.py $<TARGET_FILE:ringfence>)
  set_tests_properties(cli.strange_tables PROPERTIES ENVIRONMENT "OPENBLAS_NUM_THREADS=1;PYTHONDONTWRITEBYTECODE=1" LABELS cli TIMEOUT 300)
  # The shipped configurations of public data with several kinds of entity.
  foreach(config paysim ieee-cis ibm-aml sparkov yelp amazon-reviews amazon-reviews-2018)
    add_test(NAME cli.config_${config} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/shapes/try_config.py $<TARGET_FILE:ringfence> ${config})
    set_tests_properties(cli.config_${config} PROPERTIES ENVIRONMENT "OPENBLAS_NUM_THREADS=1;PYTHONDONTWRITEBYTECODE=1" LABELS cli TIMEOUT 60)
  endforeach()
endif()
