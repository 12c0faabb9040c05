/* avro_schema_int.h - an Avro schema as a table of types.
 *
 *   avro_schema.c   the JSON of a schema, read by libavro            --rf_avro_schema-->
 *   avro_plan.c     the types on the way to what `fields` name       --rf_avro_plan-->
 *   event_avro.c    walks the binary form (avro_wire.c) by the plan; values as text: avro_value.c
 *   avro_json.c     a record as JSON, for people
 */
#ifndef RF_AVRO_SCHEMA_INT_H
#define RF_AVRO_SCHEMA_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_span.h"
#include "rf_status.h"

#define RF_AVRO_MOST_SCHEMA (4u << 20) /* bytes of JSON */
#define RF_AVRO_MOST_TYPES 16384

typedef enum rf_avro_kind {
    RF_AVRO_NULL,
    RF_AVRO_BOOLEAN,
    RF_AVRO_INT,
    RF_AVRO_LONG,
    RF_AVRO_FLOAT,
    RF_AVRO_DOUBLE,
    RF_AVRO_BYTES,
    RF_AVRO_STRING,
    RF_AVRO_FIXED,
    RF_AVRO_ENUM,
    RF_AVRO_RECORD,
    RF_AVRO_ARRAY,
    RF_AVRO_MAP,
    RF_AVRO_UNION
} rf_avro_kind;

/* Its logical type, where it is one that we know and fits the kind. */
typedef enum rf_avro_meaning {
    RF_AVRO_PLAIN,
    RF_AVRO_DECIMAL, /* bytes, fixed: a whole number, to be divided by 10^scale */
    RF_AVRO_UUID,    /* fixed of 16 bytes; of a string it says nothing new */
    RF_AVRO_DATE,
    RF_AVRO_TIME,   /* since midnight */
    RF_AVRO_MOMENT, /* since the epoch */
    RF_AVRO_LOCAL   /* likewise, by the clock of a zone that is not said */
} rf_avro_meaning;

typedef struct rf_avro_type rf_avro_type;

/* A field of a record, a symbol of an enum (type -1), a branch of a union, the items of an array, the values
 * of a map. */
typedef struct rf_avro_part {
    rf_span name; /* owned; ptr NULL: it has none */
    int type;
    const rf_avro_type *of; /* that type */
} rf_avro_part;

struct rf_avro_type {
    rf_avro_kind kind;
    rf_avro_meaning meaning;
    int scale;   /* RF_AVRO_DECIMAL: digits behind the point; times: digits behind the point of seconds */
    bool empty;  /* a value of it has no bytes; nobody counts through millions of these */
    size_t size; /* of what always has as many bytes; else 0 */
    size_t first, n;
    const rf_avro_part *parts;       /* [n] the schema's parts from `first` on */
    const rf_avro_type *const *live; /* [n_live] of a record: the types of the fields that have bytes */
    size_t n_live;
};

typedef struct rf_avro_schema rf_avro_schema;
struct rf_avro_schema {
    rf_avro_type *types; /* [n_types] a named type is there once */
    size_t n_types, cap_types;
    rf_avro_part *parts; /* [n_parts] */
    size_t n_parts, cap_parts;
    const rf_avro_type **live; /* [n_parts] */
    int root;                  /* the type of a record */
};

/* RF_E_FORMAT: the JSON is no schema; `what` names it in the message. last: the JSON is a list of schemas, of
 * which records have the last, and the others define types for it. */
RF_MUST_CHECK rf_status rf_avro_schema_read(rf_avro_schema **out, rf_span json, bool last, const char *what,
                                            rf_err *err);
void rf_avro_schema_free(rf_avro_schema *schema);

static inline const rf_avro_type *rf_avro_type_at(const rf_avro_schema *schema, int type)
{
    return &schema->types[type];
}

#endif
