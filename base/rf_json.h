/* rf_json.h - writes JSON: one growing text, keys in the order given, numbers shortest.
 *
 * Invalid UTF-8 is written as U+FFFD, never as broken JSON. NaN and infinity become null. Calls nest; errors
 * stick and are reported by rf_json_end. Output is compact and on one line.
 */
#ifndef RF_JSON_H
#define RF_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

typedef struct rf_json rf_json;

RF_MUST_CHECK rf_status rf_json_new(rf_json **out, rf_err *err);
void rf_json_free(rf_json *json);
void rf_json_reset(rf_json *json); /* ready for the next document; keeps the memory */

void rf_json_map_open(rf_json *json);
void rf_json_map_close(rf_json *json);
void rf_json_array_open(rf_json *json);
void rf_json_array_close(rf_json *json);
void rf_json_key(rf_json *json, const char *key);
void rf_json_text(rf_json *json, const char *text, size_t len);
void rf_json_string(rf_json *json, const char *text); /* NUL-terminated; NULL writes null */
void rf_json_int(rf_json *json, int64_t value);
void rf_json_double(rf_json *json, double value);
void rf_json_float(rf_json *json, float value); /* shortest text that reads back as the same float */
void rf_json_number(rf_json *json, const char *digits, size_t len); /* a number as it is written */
void rf_json_bool(rf_json *json, bool value);
void rf_json_null(rf_json *json);

/* A key and its value. */
void rf_json_put_string(rf_json *json, const char *key, const char *text);
void rf_json_put_int(rf_json *json, const char *key, int64_t value);
void rf_json_put_double(rf_json *json, const char *key, double value);
void rf_json_put_float(rf_json *json, const char *key, double value); /* as a float */
void rf_json_put_bool(rf_json *json, const char *key, bool value);

/* The finished document (no newline), valid until the next call on json. */
RF_MUST_CHECK rf_status rf_json_end(rf_json *json, const char **text, size_t *len, rf_err *err);

#endif
