/* made_protobuf.h - Protobuf messages that protoc encodes from its text format. */
#ifndef RF_MADE_PROTOBUF_H
#define RF_MADE_PROTOBUF_H

#include "made_records.h"

#define MADE_BLOB_BYTES 4096

typedef struct made_blob {
    unsigned char bytes[MADE_BLOB_BYTES];
    size_t len;
} made_blob;

static inline made_blob made_encode(const char *file, const char *type, const char *text)
{
    char in[RF_TEST_PATH], out[RF_TEST_PATH], command[4 * RF_TEST_PATH];
    made_blob message = {.len = 0};
    rf_spill(rf_tmp_path(in, "message.txt"), text, strlen(text));
    rf_tmp_path(out, "message.bin");
    snprintf(command, sizeof command, "'%s' '--proto_path=%s' '--proto_path=%s' --encode=%s %s <'%s' >'%s'",
             RF_PROTOC, RF_TEST_PROTO_DIR, RF_PROTOBUF_INCLUDE, type, file, in, out);
    ck_assert_msg(system(command) == 0, "%s: %s", command, text);
    FILE *encoded = fopen(out, "rb");
    ck_assert_ptr_nonnull(encoded);
    message.len = fread(message.bytes, 1, sizeof message.bytes, encoded);
    fclose(encoded);
    ck_assert_uint_lt(message.len, sizeof message.bytes);
    return message;
}

#endif
