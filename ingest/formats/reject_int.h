/* reject_int.h - why a record was set aside: a code for scripts and a sentence for people. */
#ifndef RF_REJECT_INT_H
#define RF_REJECT_INT_H

#include <stdint.h>

#include "rf_event.h"
#include "rf_source.h"
#include "rf_status.h"

/* Why a record was set aside. The names (rf_reject_name) are stable: scripts match on them. */
typedef enum rf_reject_code {
    RF_REJECT_NONE,
    RF_REJECT_MISSING_FIELD,
    RF_REJECT_EMPTY_ID,
    RF_REJECT_BAD_ID,
    RF_REJECT_ID_TOO_LONG,
    RF_REJECT_TEXT_TOO_LONG,
    RF_REJECT_BAD_TEXT,
    RF_REJECT_BAD_NUMBER,
    RF_REJECT_NOT_FINITE,
    RF_REJECT_NUMBER_RANGE,
    RF_REJECT_BAD_BOOLEAN,
    RF_REJECT_BAD_LABEL,
    RF_REJECT_BAD_TIME,
    RF_REJECT_TIME_RANGE,
    RF_REJECT_BAD_UTF8,
    RF_REJECT_BAD_JSON,
    RF_REJECT_DUPLICATE_KEY,
    RF_REJECT_BAD_CSV,
    RF_REJECT_FIELD_COUNT,
    RF_REJECT_RECORD_TOO_LONG,
    RF_REJECT_NO_VALUE,
    RF_REJECT_BAD_PROTOBUF,
    RF_REJECT_TIME_IN_FUTURE,
    RF_REJECT_NULL_ID,
    RF_REJECT_BAD_AVRO,
    RF_REJECT_FILTERED, /* no bad record, only not wanted: it is counted, and that is all */
    RF_N_REJECTS
} rf_reject_code;

typedef struct rf_reject {
    rf_reject_code code;
    int64_t byte;    /* where in the record, from 0; -1 when the whole record is meant */
    int64_t element; /* which one of the record's events, from 0; -1: the record is one. Set by the decoder */
    const struct rf_avro_schema
        *schema; /* by which `before` bytes on the record can be shown; NULL: as it is */
    size_t before;
    rf_span part;   /* that element; ptr NULL: the whole record. Borrowed like the record */
    char text[320]; /* one sentence for people; names the field and shows the value, shortened */
    rf_reject_about about;
} rf_reject;

const char *rf_reject_name(rf_reject_code code); /* "bad_number" and so on */

/* Fills *reject and returns RF_SKIPPED. It is about nothing; what else it is about is set afterwards. */
rf_status rf_reject_set(rf_reject *reject, rf_reject_code code, int64_t byte, const char *format, ...)
    RF_PRINTF(4, 5);

/* Sets RF_REJECT_BAD_UTF8 for a text that is none, saying why; what: "the record", "user". */
rf_status rf_reject_text(rf_reject *reject, const char *what, rf_span text, int64_t byte);

/* A value for a message, as rf_quote_short shortens and spells it. Returns out. */
#define RF_SHOWN_BYTES 64
const char *rf_shown(char out[RF_SHOWN_BYTES], rf_span value);

#endif
