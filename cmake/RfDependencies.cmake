# Outside libraries, each as an imported target; docs/DEPENDENCIES.md says why each was chosen.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(rf_dependency name)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${ARGN})
  # their headers are not ours to warn about
  set_target_properties(PkgConfig::${name} PROPERTIES IMPORTED_NO_SYSTEM OFF)
endfunction()

rf_dependency(HDF5 hdf5)
rf_dependency(IGRAPH igraph)
rf_dependency(OPENBLAS openblas)
rf_dependency(LAPACKE lapacke)
rf_dependency(YAML yaml-0.1)
rf_dependency(XXHASH libxxhash)
rf_dependency(ZLIB zlib)
rf_dependency(ZSTD libzstd)
rf_dependency(RDKAFKA rdkafka)
rf_dependency(CRYPTO libcrypto)
rf_dependency(PROTOBUF_C libprotobuf-c)
rf_dependency(AVRO avro-c)
rf_dependency(SNAPPY snappy)
rf_dependency(LZMA liblzma)
rf_dependency(CURL libcurl)

# makes C of descriptor.proto, which Protobuf installs (ingest/formats/descriptor_set.c)
find_program(RF_PROTOC_C protoc-c REQUIRED)
find_path(RF_PROTOBUF_INCLUDE google/protobuf/descriptor.proto REQUIRED)
