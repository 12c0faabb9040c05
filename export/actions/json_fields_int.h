/* json_fields_int.h - "key": value, for the writers of messages. */
#ifndef RF_JSON_FIELDS_INT_H
#define RF_JSON_FIELDS_INT_H

#include "action_int.h"

static inline void text_field(rf_json *json, const char *key, const char *text)
{
    rf_json_key(json, key);
    rf_json_string(json, text);
}

static inline void int_field(rf_json *json, const char *key, int64_t value)
{
    rf_json_key(json, key);
    rf_json_int(json, value);
}

static inline void float_field(rf_json *json, const char *key, double value)
{
    rf_json_key(json, key);
    rf_json_float(json, (float)value);
}

static inline void double_field(rf_json *json, const char *key, double value)
{
    rf_json_key(json, key);
    rf_json_double(json, value);
}

#endif
