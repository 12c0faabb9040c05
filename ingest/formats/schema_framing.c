/* schema_framing.c - knows the beginnings of values by which their readers find a schema. Only that of
 * Confluent's registry, which most others write too, is read; the others are called by their name.
 */
#include "schema_framing_int.h"

#include <string.h>

#define SETTINGS "source.format: avro with source.avro.registry or source.avro.schemas"

uint32_t rf_framing_schema(rf_span value)
{
    const unsigned char *p = (const unsigned char *)value.ptr;
    return (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
}

const char *rf_framing_name(rf_span value)
{
    static const struct {
        const char *bytes, *name;
        size_t len, least; /* of the bytes; of a value */
    } known[] = {
        {"\x01", "a prefix with a schema's GUID (a byte 1 and 16 bytes)", 1, 17},
        {"\x03\x00", "the prefix of AWS Glue's registry", 2, 18},
        {"\x03\x05", "the prefix of AWS Glue's registry", 2, 18},
        {"\xC3\x01", "the prefix of Avro's single-object encoding", 2, 10},
        {"Obj\x01", "the header of an Avro container file", 4, 21},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (value.len >= known[i].least && memcmp(value.ptr, known[i].bytes, known[i].len) == 0)
            return known[i].name;
    }
    return NULL;
}

const char *rf_framing_header(const rf_message *message)
{
    static const char *const known[] = {"__value_schema_id", "apicurio.value.globalId",
                                        "apicurio.value.contentId"};
    rf_span value;
    for (size_t i = 0; message->header != NULL && i < sizeof known / sizeof *known; i++) {
        if (message->header(message->headers, known[i], &value))
            return known[i];
    }
    return NULL;
}

bool rf_framing_hint(rf_span value, rf_reject *reject)
{
    const char *name = rf_framing_name(value);
    if (name != NULL) {
        (void)rf_reject_set(reject, RF_REJECT_BAD_JSON, 0,
                            "byte 0: the value is no JSON: it begins with %s, which is not read", name);
        return true;
    }
    if (!rf_framing_is_registry(value))
        return false;
    size_t at = RF_FRAMING_PREFIX;
    while (at < value.len && strchr(" \t\r\n", value.ptr[at]) != NULL && value.ptr[at] != '\0')
        at++;
    if (at < value.len && (value.ptr[at] == '{' || value.ptr[at] == '['))
        return false;
    (void)rf_reject_set(reject, RF_REJECT_BAD_JSON, RF_FRAMING_PREFIX,
                        "behind a schema registry prefix stands no JSON (Avro?); " SETTINGS
                        " reads Avro (schema %lu)",
                        (unsigned long)rf_framing_schema(value));
    return true;
}
