/* avro_schema.c - reads the JSON of an Avro schema.
 *
 * libavro judges it: names, namespaces, references. Its tree becomes our table, which needs no calls to be
 * walked. libavro drops logical types, so they are read from the same JSON, side by side with the tree. Where
 * the two would not agree (a key twice in an object), the tree counts, and the logical type is none.
 */
#include "avro_schema_int.h"

#include <avro.h>
#include <limits.h>
#include <string.h>

#include "rf_json_scan.h"
#include "rf_mem.h"
#include "rf_text.h"

#define MOST_DIGITS 77 /* of a decimal: what 32 bytes hold */

typedef struct reading {
    rf_avro_schema *schema;
    avro_schema_t *named; /* [n_named] definitions that were met, and their types */
    int *types;
    size_t n_named, cap_named, cap_types;
    const char *what;
} reading;

/* ---- the JSON beside the tree ---- */

static bool is_object(rf_span json)
{
    return json.len > 0 && json.ptr[0] == '{';
}

static bool is_text(rf_span json, const char *text)
{
    size_t len = strlen(text);
    return json.len == len + 2 && json.ptr[0] == '"' && memcmp(json.ptr + 1, text, len) == 0;
}

static int small_number(rf_span object, const char *key, int otherwise)
{
    rf_span json = rf_json_member(object, key);
    int64_t number;
    return json.len > 0 && rf_int_parse(&number, json.ptr, json.len) && number >= 0 && number <= INT_MAX
               ? (int)number
               : otherwise;
}

static void read_meaning(rf_avro_type *type, rf_span json)
{
    static const struct {
        const char *name;
        rf_avro_kind kind;
        rf_avro_meaning meaning;
        int scale;
    } known[] = {
        {"date", RF_AVRO_INT, RF_AVRO_DATE, 0},
        {"time-millis", RF_AVRO_INT, RF_AVRO_TIME, 3},
        {"time-micros", RF_AVRO_LONG, RF_AVRO_TIME, 6},
        {"timestamp-millis", RF_AVRO_LONG, RF_AVRO_MOMENT, 3},
        {"timestamp-micros", RF_AVRO_LONG, RF_AVRO_MOMENT, 6},
        {"timestamp-nanos", RF_AVRO_LONG, RF_AVRO_MOMENT, 9},
        {"local-timestamp-millis", RF_AVRO_LONG, RF_AVRO_LOCAL, 3},
        {"local-timestamp-micros", RF_AVRO_LONG, RF_AVRO_LOCAL, 6},
        {"local-timestamp-nanos", RF_AVRO_LONG, RF_AVRO_LOCAL, 9},
        {"uuid", RF_AVRO_FIXED, RF_AVRO_UUID, 0},
    };
    if (!is_object(json))
        return;
    rf_span logical = rf_json_member(json, "logicalType");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (type->kind == known[i].kind && is_text(logical, known[i].name) &&
            (known[i].meaning != RF_AVRO_UUID || type->size == 16)) {
            type->meaning = known[i].meaning;
            type->scale = known[i].scale;
        }
    }
    if ((type->kind == RF_AVRO_BYTES || type->kind == RF_AVRO_FIXED) && is_text(logical, "decimal")) {
        int scale = small_number(json, "scale", 0);
        if (scale <= MOST_DIGITS) { /* otherwise it is no number that anybody means */
            type->meaning = RF_AVRO_DECIMAL;
            type->scale = scale;
        }
    }
}

/* ---- types ---- */

static rf_status add_type(int *index, reading *r, rf_avro_kind kind, rf_err *err)
{
    rf_status st = RF_OK;
    rf_avro_schema *schema = r->schema;
    if (schema->n_types == RF_AVRO_MOST_TYPES)
        RF_FAIL(err, RF_E_FORMAT, "%s: the schema has more than %d types", r->what, RF_AVRO_MOST_TYPES);
    RF_RESERVE(schema->types, schema->cap_types, schema->n_types + 1, err);
    *index = (int)schema->n_types++;
    schema->types[*index] = (rf_avro_type){.kind = kind};
done:
    return st;
}

/* Room for the parts of a type, one after the other. */
static rf_status add_parts(int type, reading *r, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_avro_schema *schema = r->schema;
    RF_RESERVE(schema->parts, schema->cap_parts, schema->n_parts + n, err);
    schema->types[type].first = schema->n_parts;
    schema->types[type].n = n;
    for (size_t i = 0; i < n; i++)
        schema->parts[schema->n_parts++] = (rf_avro_part){.type = -1};
done:
    return st;
}

static rf_status name_part(rf_avro_part *part, const char *name, rf_err *err)
{
    char *copy = rf_mem_text(name, strlen(name), err);
    if (copy == NULL)
        return RF_E_NOMEM;
    part->name = (rf_span){copy, strlen(copy)};
    return RF_OK;
}

static rf_status remember(reading *r, avro_schema_t definition, int type, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(r->named, r->cap_named, r->n_named + 1, err);
    RF_RESERVE(r->types, r->cap_types, r->n_named + 1, err);
    r->named[r->n_named] = definition;
    r->types[r->n_named++] = type;
done:
    return st;
}

static rf_status find_definition(int *index, const reading *r, avro_schema_t definition, rf_err *err)
{
    for (size_t i = 0; i < r->n_named; i++) {
        if (r->named[i] == definition) {
            *index = r->types[i];
            return RF_OK;
        }
    }
    return rf_err_set(err, RF_E_INTERNAL, __FILE__, __LINE__,
                      "%s: libavro refers to a type that is not there", r->what);
}

static rf_status add(int *index, reading *r, avro_schema_t tree, rf_span json, rf_err *err);

/* The part's type. The table may move while it is read. */
static rf_status add_below(int parent, size_t part, reading *r, avro_schema_t tree, rf_span json, rf_err *err)
{
    rf_status st = RF_OK;
    int type = -1;
    size_t at = r->schema->types[parent].first + part;
    RF_TRY(add(&type, r, tree, json, err));
    r->schema->parts[at].type = type;
done:
    return st;
}

static bool has_no_bytes(const rf_avro_schema *schema, const rf_avro_type *record)
{
    for (size_t i = 0; i < record->n; i++) {
        if (!schema->types[schema->parts[record->first + i].type].empty)
            return false;
    }
    return true;
}

/* Whether it is empty is known behind its last field, and before any later type refers to it. A field that
 * refers to an enclosing record makes a value without end, which is not empty. */
static rf_status add_record(int *index, reading *r, avro_schema_t tree, rf_span json, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = avro_schema_record_size(tree);
    rf_json_scan left = rf_json_scan_of(is_object(json) ? rf_json_member(json, "fields") : (rf_span){"", 0});
    RF_TRY(add_type(index, r, RF_AVRO_RECORD, err));
    RF_TRY(remember(r, tree, *index, err));
    RF_TRY(add_parts(*index, r, n, err));
    size_t first = r->schema->types[*index].first;
    for (size_t i = 0; i < n; i++) {
        rf_span field;
        (void)rf_json_next_element(&left, &field);
        RF_TRY(name_part(&r->schema->parts[first + i], avro_schema_record_field_name(tree, (int)i), err));
        RF_TRY(add_below(*index, i, r, avro_schema_record_field_get_by_index(tree, (int)i),
                         is_object(field) ? rf_json_member(field, "type") : field, err));
    }
    rf_avro_type *record = &r->schema->types[*index];
    record->empty = has_no_bytes(r->schema, record);
done:
    return st;
}

static rf_status add_enum(int *index, reading *r, avro_schema_t tree, rf_err *err)
{
    rf_status st = RF_OK;
    int n = avro_schema_enum_number_of_symbols(tree);
    RF_TRY(add_type(index, r, RF_AVRO_ENUM, err));
    RF_TRY(remember(r, tree, *index, err));
    RF_TRY(add_parts(*index, r, (size_t)n, err));
    rf_avro_part *symbols = &r->schema->parts[r->schema->types[*index].first];
    for (int i = 0; i < n; i++)
        RF_TRY(name_part(&symbols[i], avro_schema_enum_get(tree, i), err));
done:
    return st;
}

static rf_status add_fixed(int *index, reading *r, avro_schema_t tree, rf_span json, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t size = avro_schema_fixed_size(tree);
    if (size < 0 || size > INT_MAX)
        RF_FAIL(err, RF_E_FORMAT, "%s: the schema has a fixed type of %lld bytes", r->what, (long long)size);
    RF_TRY(add_type(index, r, RF_AVRO_FIXED, err));
    RF_TRY(remember(r, tree, *index, err));
    r->schema->types[*index].size = (size_t)size;
    r->schema->types[*index].empty = size == 0;
    read_meaning(&r->schema->types[*index], json);
done:
    return st;
}

static rf_status add_union(int *index, reading *r, avro_schema_t tree, rf_span json, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = avro_schema_union_size(tree);
    rf_json_scan left = rf_json_scan_of(json);
    RF_TRY(add_type(index, r, RF_AVRO_UNION, err));
    RF_TRY(add_parts(*index, r, n, err));
    for (size_t i = 0; i < n; i++) {
        rf_span branch;
        (void)rf_json_next_element(&left, &branch);
        RF_TRY(add_below(*index, i, r, avro_schema_union_branch(tree, (int)i), branch, err));
    }
done:
    return st;
}

static rf_status add_items(int *index, reading *r, rf_avro_kind kind, avro_schema_t items, rf_span json,
                           rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(add_type(index, r, kind, err));
    RF_TRY(add_parts(*index, r, 1, err));
    RF_TRY(add_below(*index, 0, r, items, json, err));
done:
    return st;
}

static rf_status add_plain(int *index, reading *r, rf_avro_kind kind, rf_span json, rf_err *err)
{
    rf_status st = add_type(index, r, kind, err);
    if (st != RF_OK)
        return st;
    rf_avro_type *type = &r->schema->types[*index];
    type->empty = kind == RF_AVRO_NULL;
    type->size = kind == RF_AVRO_BOOLEAN ? 1 : kind == RF_AVRO_FLOAT ? 4 : kind == RF_AVRO_DOUBLE ? 8 : 0;
    read_meaning(type, json);
    return RF_OK;
}

/* Recursion: as deep as the JSON, which rf_json_valid has bounded. */
static rf_status add(int *index, reading *r, avro_schema_t tree, rf_span json, rf_err *err)
{
    bool object = is_object(json);
    switch (avro_typeof(tree)) {
    case AVRO_STRING:
        return add_plain(index, r, RF_AVRO_STRING, json, err);
    case AVRO_BYTES:
        return add_plain(index, r, RF_AVRO_BYTES, json, err);
    case AVRO_INT32:
        return add_plain(index, r, RF_AVRO_INT, json, err);
    case AVRO_INT64:
        return add_plain(index, r, RF_AVRO_LONG, json, err);
    case AVRO_FLOAT:
        return add_plain(index, r, RF_AVRO_FLOAT, json, err);
    case AVRO_DOUBLE:
        return add_plain(index, r, RF_AVRO_DOUBLE, json, err);
    case AVRO_BOOLEAN:
        return add_plain(index, r, RF_AVRO_BOOLEAN, json, err);
    case AVRO_NULL:
        return add_plain(index, r, RF_AVRO_NULL, json, err);
    case AVRO_RECORD:
        return add_record(index, r, tree, json, err);
    case AVRO_ENUM:
        return add_enum(index, r, tree, err);
    case AVRO_FIXED:
        return add_fixed(index, r, tree, json, err);
    case AVRO_MAP:
        return add_items(index, r, RF_AVRO_MAP, avro_schema_map_values(tree),
                         object ? rf_json_member(json, "values") : json, err);
    case AVRO_ARRAY:
        return add_items(index, r, RF_AVRO_ARRAY, avro_schema_array_items(tree),
                         object ? rf_json_member(json, "items") : json, err);
    case AVRO_UNION:
        return add_union(index, r, tree, json, err);
    case AVRO_LINK:
        break;
    }
    return find_definition(index, r, avro_schema_link_target(tree), err);
}

/* ---- the whole ---- */

/* The table is whole: pointers into it. */
static rf_status finish(rf_avro_schema *schema, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(schema->live, schema->n_parts, err);
    for (size_t i = 0; i < schema->n_parts; i++)
        schema->parts[i].of = schema->parts[i].type < 0 ? NULL : &schema->types[schema->parts[i].type];
    for (size_t i = 0; i < schema->n_types; i++) {
        rf_avro_type *type = &schema->types[i];
        if (type->n == 0)
            continue;
        type->parts = &schema->parts[type->first];
        type->live = &schema->live[type->first];
        for (size_t k = 0; type->kind == RF_AVRO_RECORD && k < type->n; k++) {
            const rf_avro_type *below = &schema->types[schema->parts[type->first + k].type];
            if (!below->empty)
                schema->live[type->first + type->n_live++] = below;
        }
    }
done:
    return st;
}

rf_status rf_avro_schema_read(rf_avro_schema **out, rf_span json, bool last, const char *what, rf_err *err)
{
    rf_status st = RF_OK;
    reading r = {.what = what};
    avro_schema_t tree = NULL;
    if (json.len > RF_AVRO_MOST_SCHEMA || !rf_json_valid(json))
        RF_FAIL(err, RF_E_FORMAT, "%s: the schema is not JSON, or too long", what);
    if (avro_schema_from_json_length(json.ptr, json.len, &tree) != 0) {
        tree = NULL;
        RF_FAIL(err, RF_E_FORMAT, "%s: is no Avro schema: %.200s", what, avro_strerror());
    }
    RF_ZERO(r.schema, 1, err);
    while (json.len > 0 && strchr(" \t\r\n", json.ptr[0]) != NULL) {
        json.ptr++;
        json.len--;
    }
    RF_TRY(add(&r.schema->root, &r, tree, json, err));
    const rf_avro_type *root = rf_avro_type_at(r.schema, r.schema->root);
    if (last && root->kind == RF_AVRO_UNION)
        r.schema->root = r.schema->parts[root->first + root->n - 1].type;
    RF_TRY(finish(r.schema, err));
    *out = r.schema;
    r.schema = NULL;
done:
    if (tree != NULL)
        (void)avro_schema_decref(tree);
    rf_mem_free(r.named);
    rf_mem_free(r.types);
    rf_avro_schema_free(r.schema);
    return st;
}

void rf_avro_schema_free(rf_avro_schema *schema)
{
    if (schema == NULL)
        return;
    for (size_t i = 0; i < schema->n_parts; i++)
        rf_mem_free((void *)(uintptr_t)schema->parts[i].name.ptr);
    rf_mem_free(schema->types);
    rf_mem_free(schema->parts);
    rf_mem_free(schema->live);
    rf_mem_free(schema);
}
