/* avro_json.c - an Avro record as JSON: unions as their value, decimals as numbers, dates and times in ISO
 * 8601, bytes as the characters U+0000 to U+00FF (as Avro's own JSON has them).
 */
#include "avro_json_int.h"

#include <string.h>

#include "avro_value_int.h"
#include "avro_wire_int.h"
#include "number_print_int.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "rf_time.h"

#define MOST_STEPS (1 << 20) /* values, and 16 bytes of a text: more is not looked at by anybody */
#define FREE_STEPS 4096      /* of values without bytes; others cannot be more than the record has bytes */
#define MOST_DEPTH 100       /* the writer of JSON stops at 127 */

typedef struct writer {
    rf_json *json;
    rf_avro_cursor c;
    int64_t steps; /* left */
} writer;

static bool write_value(writer *w, const rf_avro_type *type, int depth);

static bool put_bytes(writer *w, rf_span bytes)
{
    rf_text text = {0};
    bool fine = true;
    for (size_t i = 0; fine && i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.ptr[i];
        char two[2] = {(char)(0xC0 | byte >> 6), (char)(0x80 | (byte & 0x3F))};
        fine = byte < 0x80 ? rf_text_add(&text, bytes.ptr + i, 1, NULL) == RF_OK
                           : rf_text_add(&text, two, 2, NULL) == RF_OK;
    }
    if (fine)
        rf_json_text(w->json, bytes.len == 0 ? "" : text.ptr, text.len);
    rf_text_clear(&text);
    return fine;
}

static bool write_bytes(writer *w, const rf_avro_type *type, rf_span bytes)
{
    char slot[RF_AVRO_SLOT];
    rf_span text = {NULL, 0};
    w->steps -= (int64_t)(bytes.len / 16);
    if (type->kind == RF_AVRO_STRING) {
        rf_json_text(w->json, bytes.ptr, bytes.len);
        return true;
    }
    if (type->meaning == RF_AVRO_DECIMAL)
        text = rf_avro_print_decimal(slot, bytes, type->scale);
    if (text.ptr != NULL) {
        rf_json_number(w->json, text.ptr, text.len);
        return true;
    }
    if (type->meaning != RF_AVRO_UUID)
        return put_bytes(w, bytes);
    text = rf_avro_print_uuid(slot, bytes);
    rf_json_text(w->json, text.ptr, text.len);
    return true;
}

static void write_number(writer *w, const rf_avro_type *type, int64_t number)
{
    char slot[RF_AVRO_SLOT], time[RF_TIME_TEXT];
    int64_t us = rf_avro_micros(number, type->scale);
    bool in_range = us >= RF_TIME_MIN && us < RF_TIME_MAX;
    rf_span text = {NULL, 0};
    if (type->meaning == RF_AVRO_DATE)
        text = rf_avro_print_date(slot, number);
    else if (type->meaning == RF_AVRO_TIME && us >= 0 && us < RF_DAY_US)
        text = rf_avro_print_time(slot, us);
    else if ((type->meaning == RF_AVRO_MOMENT || type->meaning == RF_AVRO_LOCAL) && in_range)
        text = (rf_span){rf_time_format(time, us), strlen(time) - (type->meaning == RF_AVRO_LOCAL)};
    if (text.ptr != NULL)
        rf_json_text(w->json, text.ptr, text.len);
    else
        rf_json_int(w->json, number);
}

static bool write_plain(writer *w, const rf_avro_type *type)
{
    rf_span bytes;
    int64_t number;
    size_t choice;
    switch (type->kind) {
    case RF_AVRO_NULL:
        rf_json_null(w->json);
        return true;
    case RF_AVRO_BOOLEAN:
        if (!rf_avro_fixed(&bytes, &w->c, 1))
            return false;
        rf_json_bool(w->json, bytes.ptr[0] != 0);
        return true;
    case RF_AVRO_FLOAT:
        if (!rf_avro_fixed(&bytes, &w->c, 4))
            return false;
        rf_json_float(w->json, rf_avro_float(bytes));
        return true;
    case RF_AVRO_DOUBLE:
        if (!rf_avro_fixed(&bytes, &w->c, 8))
            return false;
        rf_json_double(w->json, rf_avro_double(bytes));
        return true;
    case RF_AVRO_ENUM:
        if (!rf_avro_choice(&choice, &w->c, type))
            return false;
        rf_json_string(w->json, type->parts[choice].name.ptr);
        return true;
    case RF_AVRO_STRING:
    case RF_AVRO_BYTES:
        return rf_avro_bytes(&bytes, &w->c) && write_bytes(w, type, bytes);
    case RF_AVRO_FIXED:
        return rf_avro_fixed(&bytes, &w->c, type->size) && write_bytes(w, type, bytes);
    default: /* int, long */
        if (!rf_avro_number(&number, &w->c, type))
            return false;
        write_number(w, type, number);
        return true;
    }
}

static bool write_key(writer *w)
{
    rf_span key;
    if (!rf_avro_bytes(&key, &w->c))
        return false;
    char *name = rf_mem_text(key.ptr, key.len, NULL);
    if (name != NULL)
        rf_json_key(w->json, name);
    rf_mem_free(name);
    return name != NULL;
}

static bool write_items(writer *w, const rf_avro_type *type, int depth)
{
    bool map = type->kind == RF_AVRO_MAP;
    (map ? rf_json_map_open : rf_json_array_open)(w->json);
    for (;;) {
        int64_t n, bytes;
        if (!rf_avro_block(&n, &bytes, &w->c))
            return false;
        if (n == 0)
            break;
        const unsigned char *begin = w->c.at;
        for (; n > 0; n--) {
            if ((map && !write_key(w)) || !write_value(w, type->parts[0].of, depth + 1))
                return false;
        }
        if (!rf_avro_block_ends(&w->c, begin, bytes))
            return false;
    }
    (map ? rf_json_map_close : rf_json_array_close)(w->json);
    return true;
}

static bool write_record(writer *w, const rf_avro_type *type, int depth)
{
    rf_json_map_open(w->json);
    for (size_t i = 0; i < type->n; i++) {
        const rf_avro_part *field = &type->parts[i];
        rf_json_key(w->json, field->name.ptr);
        if (!write_value(w, field->of, depth + 1))
            return false;
    }
    rf_json_map_close(w->json);
    return true;
}

static bool write_value(writer *w, const rf_avro_type *type, int depth)
{
    size_t choice;
    if (--w->steps < 0 || depth > MOST_DEPTH)
        return false;
    switch (type->kind) {
    case RF_AVRO_RECORD:
        return write_record(w, type, depth);
    case RF_AVRO_ARRAY:
    case RF_AVRO_MAP:
        return write_items(w, type, depth);
    case RF_AVRO_UNION:
        return rf_avro_choice(&choice, &w->c, type) && write_value(w, type->parts[choice].of, depth + 1);
    default:
        return write_plain(w, type);
    }
}

bool rf_avro_json(rf_json *json, const rf_avro_schema *schema, rf_span record)
{
    size_t steps = record.len < MOST_STEPS / 4 ? FREE_STEPS + 3 * record.len : MOST_STEPS;
    writer w = {.json = json, .c = rf_avro_cursor_of(record), .steps = (int64_t)steps};
    rf_json_reset(json);
    return write_value(&w, rf_avro_type_at(schema, schema->root), 0) && w.c.at == w.c.end;
}

rf_span rf_avro_shown(rf_json *json, const rf_avro_schema *schema, size_t before, rf_span record)
{
    rf_span text;
    if (schema == NULL || record.ptr == NULL || record.len < before)
        return record;
    text = (rf_span){record.ptr + before, record.len - before};
    if (!rf_avro_json(json, schema, text) || rf_json_end(json, &text.ptr, &text.len, NULL) != RF_OK)
        return record;
    return text;
}
