/* fuzz_avro_file.c - arbitrary bytes as an Avro container file: its records have places that grow, are
 * records of its schema, and come again, the same ones, when reading goes on behind any of the first. */
#include "avro_wire_int.h"
#include "fuzz_events.h"
#include "record_reader_int.h"

#define MOST_RECORD 4096
#define LOOKED_AT 50 /* records behind which reading goes on */

/* Up to the records of the blocks. False: it is no Avro file, or one that is refused. */
static bool open_file(rf_records *records, rf_span content, const struct rf_avro_schema **schema)
{
    bool is;
    fuzz_check(rf_records_open_text(records, "fuzz", content, NULL) == RF_OK);
    fuzz_check(rf_records_is_avro(records, &is, NULL) == RF_OK);
    if (!is)
        return false;
    rf_status st = rf_records_look_at_avro(records, schema, NULL);
    fuzz_check(st == RF_OK || st == RF_E_FORMAT || st == RF_E_INVALID);
    return st == RF_OK;
}

/* The record behind that position is the one that follows. */
static void go_on(rf_records *records, rf_span content, const rf_input_position *position,
                  const rf_record *next)
{
    const struct rf_avro_schema *schema;
    rf_record record;
    fuzz_check(open_file(records, content, &schema));
    fuzz_check(rf_records_skip(records, position, NULL) == RF_OK);
    fuzz_check(rf_records_next(records, &record, NULL) == RF_OK);
    fuzz_check(record.open && record.text.len >= next->text.len);
    fuzz_check(rf_records_find_end(records, &record, NULL) == RF_OK);
    fuzz_check(record.line == next->line && record.block == next->block && record.too_long == next->too_long);
    fuzz_check(record.text.len == next->text.len &&
               memcmp(record.text.ptr, next->text.ptr, record.text.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rf_records *records, *others;
    rf_span content = {(const char *)data, size};
    const struct rf_avro_schema *schema;
    rf_input_position position = {.partition = -1}, before = position;
    rf_record record;
    rf_status st;
    if (records == NULL && (rf_records_new(&records, MOST_RECORD, NULL) != RF_OK ||
                            rf_records_new(&others, MOST_RECORD, NULL) != RF_OK))
        abort();
    rf_records_set_open(others, true);
    if (!open_file(records, content, &schema))
        return 0;
    rf_records_position(records, &before);
    for (int n = 0; (st = rf_records_next(records, &record, NULL)) == RF_OK; n++) {
        rf_avro_cursor c = rf_avro_cursor_of(record.text);
        fuzz_check(record.too_long ||
                   (rf_avro_pass(&c, rf_avro_type_at(schema, schema->root), 0) && c.at == c.end));
        rf_records_position(records, &position);
        fuzz_check(position.offset > before.offset ||
                   (position.offset == before.offset && position.line > before.line));
        fuzz_check(record.block == before.offset || before.line == 0);
        if (n < LOOKED_AT)
            go_on(others, content, &before, &record);
        before = position;
    }
    fuzz_check(st == RF_EOF || st == RF_E_FORMAT);
    return 0;
}
