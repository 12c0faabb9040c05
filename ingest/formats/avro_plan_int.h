/* avro_plan_int.h - which values of a schema's records the configuration maps. */
#ifndef RF_AVRO_PLAN_INT_H
#define RF_AVRO_PLAN_INT_H

#include "avro_schema_int.h"
#include "field_plan_int.h"
#include "json_keys_int.h"
#include "rf_text.h"

#define RF_AVRO_NO_WANT (-1) /* the value is passed over */

/* One item of an array, or the value of one key of a map. */
typedef struct rf_avro_pick {
    int64_t index;
    rf_span key;
    int want;
} rf_avro_pick;

/* A value on the way to what is mapped: the type that it has, and the node of the mapped names (json_keys)
 * that leads there. */
typedef struct rf_avro_want {
    int type, node;
    bool leads;      /* to a mapped value; records are read by such wants only */
    int name;        /* the field plan's name that it fills, -1: none */
    int each;        /* array: of items that are events each, else NO_WANT */
    size_t first, n; /* record, union: below[first] and on, one a part; array, map: picks[first] and on */
} rf_avro_want;

typedef struct rf_avro_plan {
    const rf_avro_schema *schema;
    const rf_field_plan *names;
    const rf_json_keys *keys;
    int root;
    rf_avro_want *wants; /* [n_wants] */
    int *below;          /* [n_below] indexes of wants, or NO_WANT */
    rf_avro_pick *picks; /* [n_picks] */
    size_t n_wants, cap_wants, n_below, cap_below, n_picks, cap_picks;
    bool has[RF_MAX_FIELDS]; /* by name: some value fills it */
} rf_avro_plan;

/* Names that the schema lacks are no error here: rf_avro_plan_lacking tells. Borrows all it is made of. */
RF_MUST_CHECK rf_status rf_avro_plan_new(rf_avro_plan **out, const rf_avro_schema *schema,
                                         const rf_field_plan *names, const rf_json_keys *keys, rf_err *err);
void rf_avro_plan_free(rf_avro_plan *plan);
/* The first name of the body from `from` on that no value fills; -1: none. */
int rf_avro_plan_lacking(const rf_avro_plan *plan, int from);
/* Says which names no value fills: RF_E_INVALID, or with RF_ABSENT_KEYS_WARN a warning for each. */
RF_MUST_CHECK rf_status rf_avro_plan_check(const rf_avro_plan *plan, rf_absent_keys absent, const char *what,
                                           rf_err *err);
/* Why: adds "has no field "amout"; did you mean "amount"?", "has a list at ...". */
RF_MUST_CHECK rf_status rf_avro_plan_explain(rf_text *out, const rf_avro_plan *plan, int name, rf_err *err);

#endif
