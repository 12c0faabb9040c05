rf_unit_test(test_csv_dialect ROOMS ingest)
rf_unit_test(test_event_csv ROOMS ingest)
rf_unit_test(test_event_fields ROOMS ingest)
rf_unit_test(test_number_text ROOMS ingest)
rf_unit_test(test_number_places ROOMS ingest)
rf_unit_test(test_event_json ROOMS ingest)
rf_unit_test(test_json_marks ROOMS ingest)
rf_unit_test(test_event_avro ROOMS ingest)
rf_unit_test(test_avro_bounds ROOMS ingest)
rf_unit_test(test_avro_judge ROOMS ingest)
rf_unit_test(test_avro_messages ROOMS ingest)
rf_unit_test(test_avro_files ROOMS ingest)
target_link_libraries(test_avro_files PRIVATE PkgConfig::YAJL)
rf_unit_test(test_record_reader ROOMS ingest)
rf_unit_test(test_event_stream ROOMS ingest)
rf_unit_test(test_lines ROOMS ingest)
rf_unit_test(test_input_stream ROOMS ingest)
rf_unit_test(test_text_input ROOMS ingest)
rf_unit_test(test_decoder ROOMS ingest)
rf_unit_test(test_kinds_intake ROOMS ingest)
rf_unit_test(test_first_look ROOMS ingest)
rf_unit_test(test_deadletter ROOMS ingest)
rf_unit_test(test_source ROOMS ingest)
rf_unit_test(test_source_ahead ROOMS ingest)
rf_unit_test(test_source_resume ROOMS ingest)
rf_unit_test(test_sample ROOMS ingest)
rf_unit_test(test_proposal ROOMS ingest)
rf_unit_test(test_proposal_told ROOMS ingest)
rf_unit_test(test_trial ROOMS ingest)
rf_unit_test(test_id_spelling ROOMS ingest)

# Protobuf: descriptor sets of the tests' message types, and protoc to encode messages by
find_program(RF_PROTOC NAMES protoc protoc-c REQUIRED)
set(RF_TEST_PROTO_DIR ${CMAKE_CURRENT_SOURCE_DIR}/unit/protobuf)
function(rf_test_descriptors name file)
  add_custom_command(OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.desc
    COMMAND ${RF_PROTOC} --proto_path=${RF_TEST_PROTO_DIR} --proto_path=${RF_PROTOBUF_INCLUDE} ${ARGN}
            --descriptor_set_out=${CMAKE_CURRENT_BINARY_DIR}/${name}.desc ${file}
    DEPENDS ${RF_TEST_PROTO_DIR}/${file} VERBATIM)
endfunction()
rf_test_descriptors(shop shop.proto --include_imports)
rf_test_descriptors(legacy legacy.proto --include_imports)
rf_test_descriptors(fuzz fuzz.proto --include_imports)
rf_test_descriptors(alone shop.proto)
add_custom_target(rf_test_descriptor_sets DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/shop.desc
                  ${CMAKE_CURRENT_BINARY_DIR}/legacy.desc ${CMAKE_CURRENT_BINARY_DIR}/fuzz.desc
                  ${CMAKE_CURRENT_BINARY_DIR}/alone.desc)
foreach(test test_event_protobuf test_protobuf_intake)
  rf_unit_test(${test} ROOMS ingest)
  add_dependencies(${test} rf_test_descriptor_sets)
  target_compile_definitions(${test} PRIVATE
    RF_PROTOC="${RF_PROTOC}" RF_PROTOBUF_INCLUDE="${RF_PROTOBUF_INCLUDE}" RF_TEST_PROTO_DIR="${RF_TEST_PROTO_DIR}"
    RF_SHOP_DESCRIPTORS="${CMAKE_CURRENT_BINARY_DIR}/shop.desc"
    RF_LEGACY_DESCRIPTORS="${CMAKE_CURRENT_BINARY_DIR}/legacy.desc"
    RF_ALONE_DESCRIPTORS="${CMAKE_CURRENT_BINARY_DIR}/alone.desc")
endforeach()
