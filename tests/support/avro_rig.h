/* avro_rig.h - a decoder of Avro records for a schema and a mapping, and what it makes of bytes. */
#ifndef RF_AVRO_RIG_H
#define RF_AVRO_RIG_H

#include <inttypes.h>

#include "event_avro_int.h"
#include "made_records.h"

typedef struct avro_rig {
    rf_attr attrs[RF_MAX_ATTRS];
    rf_schema mapped;
    rf_field_plan *names;
    rf_avro_decoder *decoder;
    rf_avro_schema *schema;
    rf_avro_plan *plan;
    rf_raw raws[RF_MAX_FIELDS];
    rf_reject reject;
} avro_rig;

static inline rf_status rig_plan(avro_rig *r, const char *schema, rf_fields fields, rf_err *err)
{
    rf_status st = RF_OK;
    r->names = NULL;
    r->decoder = NULL;
    r->schema = NULL;
    r->plan = NULL;
    RF_TRY(rf_field_plan_new(&r->names, &fields, err));
    RF_TRY(rf_avro_decoder_new(&r->decoder, r->names, err));
    RF_TRY(rf_avro_schema_read(&r->schema, made_span(schema), false, "memory", err));
    RF_TRY(rf_avro_plan_new(&r->plan, r->schema, r->names, rf_avro_decoder_keys(r->decoder), err));
done:
    return st;
}

static inline void rig_close(avro_rig *r)
{
    rf_avro_plan_free(r->plan);
    rf_avro_schema_free(r->schema);
    rf_avro_decoder_free(r->decoder);
    rf_field_plan_free(r->names);
}

/* `names` are fields, separated by spaces, three at least: user, entity, time, categories. */
static inline void rig_open(avro_rig *r, const char *schema, const char *names)
{
    static char copy[1024];
    rf_err err = {0};
    *r = (avro_rig){.mapped = {.attrs = r->attrs}};
    rf_fields fields = {.schema = &r->mapped, .zone = "+02:00"};
    snprintf(copy, sizeof copy, "%s", names);
    int n = 0;
    for (char *name = strtok(copy, " "); name != NULL; name = strtok(NULL, " "), n++) {
        if (n < 3)
            *(n == 0 ? &fields.user : n == 1 ? &fields.entity : &fields.time) = name;
        else
            r->attrs[r->mapped.n_attrs++] =
                (rf_attr){.name = name, .field = name, .type = RF_ATTR_CATEGORY, .top = 1};
    }
    RF_CHECK_OK(err, rig_plan(r, schema, fields, &err));
}

/* From a block of the record's own size, so that sanitizers see a read past its end. */
static inline rf_status rig_decode(avro_rig *r, const char *bytes, size_t len)
{
    static char *block;
    rf_err err = {0};
    free(block);
    block = malloc(len + !len);
    memcpy(block, bytes, len);
    rf_status st =
        rf_avro_decode(r->raws, r->decoder, r->plan, (rf_span){block, len}, 0, NULL, &r->reject, &err);
    ck_assert_msg(st == RF_OK || st == RF_SKIPPED, "%s", err.msg);
    return st;
}

/* "text:abc", "number:1.5", "true", "absent", "moment:1500000us:1500". */
static inline const char *shown(const rf_raw *raw)
{
    static char out[256];
    static const char *const kinds[] = {"absent", "text",  "field",  "number",
                                        "true",   "false", "nested", "moment"};
    int n = snprintf(out, sizeof out, "%s", kinds[raw->kind]);
    if (raw->kind == RF_RAW_MOMENT)
        n += snprintf(out + n, sizeof out - (size_t)n, ":%" PRId64 "us", raw->time_us);
    if (rf_raw_has_text(raw))
        snprintf(out + n, sizeof out - (size_t)n, ":%.*s", (int)raw->text.len, raw->text.ptr);
    return out;
}

/* A record of one field f of that type, in these bytes. */
static inline const char *read_one(const char *type, const char *bytes, size_t len)
{
    static char out[400];
    char schema[2048];
    avro_rig r;
    snprintf(schema, sizeof schema,
             "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"f\",\"type\":%s}]}", type);
    rig_open(&r, schema, "f f f");
    rf_status st = rig_decode(&r, bytes, len);
    snprintf(out, sizeof out, "%s%s", st == RF_OK ? "" : rf_reject_name(r.reject.code),
             st == RF_OK ? shown(&r.raws[0]) : "");
    rig_close(&r);
    return out;
}

#define READS(type, bytes, want) ck_assert_str_eq(read_one(type, bytes, sizeof(bytes) - 1), want)
#define LOGICAL(type, logical) "{\"type\":\"" type "\",\"logicalType\":\"" logical "\"}"
/* a record that may have another one of its kind */
#define LIST                                                                                                 \
    "{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"next\",\"type\":[\"null\",\"L\"]},"         \
    "{\"name\":\"f\",\"type\":\"int\"}]}"

#endif
