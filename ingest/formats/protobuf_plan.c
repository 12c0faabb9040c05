/* protobuf_plan.c - the fields that the configuration maps, found in the declarations of a message type once,
 * so that reading a message looks at numbers only.
 *
 * It reports every mistake that can be seen without a message: an unknown type or field (with the nearest
 * known one), or a path through something that is not a single message.
 */
#include "protobuf_plan_int.h"

#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_text.h"

#define MAX_PATH_PARTS 32
#define TIMESTAMP "google.protobuf.Timestamp"

static bool is_wrapper(const char *type_name)
{
    static const char *const wrappers[] = {
        "google.protobuf.DoubleValue", "google.protobuf.FloatValue",  "google.protobuf.Int64Value",
        "google.protobuf.UInt64Value", "google.protobuf.Int32Value",  "google.protobuf.UInt32Value",
        "google.protobuf.BoolValue",   "google.protobuf.StringValue", "google.protobuf.BytesValue",
    };
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++) {
        if (strcmp(type_name, wrappers[i]) == 0)
            return true;
    }
    return false;
}

/* ---- scopes and their fields ---- */

static rf_status add_scope(size_t *index, rf_pb_plan *plan, const rf_pb_declared_message *message,
                           rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(plan->scopes, plan->cap_scopes, plan->n_scopes + 1, err);
    *index = plan->n_scopes++;
    plan->scopes[*index] = (rf_pb_scope){.message = message, .moment = -1};
done:
    return st;
}

/* The field's place in the scope; a new one fills nothing yet. */
static rf_status add_field(size_t *index, rf_pb_scope *scope, const rf_pb_declared_field *declared,
                           rf_err *err)
{
    rf_status st = RF_OK;
    for (size_t i = 0; i < scope->n_fields; i++) {
        *index = i;
        if (scope->fields[i].declared.number == declared->number)
            return RF_OK;
    }
    RF_RESERVE(scope->fields, scope->cap_fields, scope->n_fields + 1, err);
    *index = scope->n_fields++;
    scope->fields[*index] = (rf_pb_field){.declared = *declared, .name = -1, .scope = -1};
done:
    return st;
}

/* ---- one mapped name ---- */

/* A name on its way down: `path` is the whole of it, `part` what is looked for in the scope `at`. */
typedef struct descent {
    rf_pb_plan *plan;
    const char *path;
    int name;
    size_t at;
    char part[RF_MAX_ID_BYTES];
} descent;

static rf_status refuse_field(const descent *d, const rf_pb_declared_message *message, rf_err *err)
{
    int n = rf_pb_n_fields(message);
    const char **names = rf_mem_new((size_t)n + 1, sizeof *names, err);
    if (names == NULL)
        return RF_E_NOMEM;
    for (int i = 0; i < n; i++)
        names[i] = rf_pb_field_at(message, i).name;
    names[n] = NULL;
    const char *nearest = rf_nearest(d->part, names);
    rf_status st = rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                              "fields: \"%s\": message type %s has no field \"%s\"%s%s%s", d->path,
                              rf_pb_message_name(message), d->part,
                              nearest == NULL ? "; its .proto file lists them" : "; did you mean \"",
                              nearest == NULL ? "" : nearest, nearest == NULL ? "" : "\"?");
    rf_mem_free(names);
    return st;
}

static rf_status find_field(rf_pb_declared_field *out, const descent *d, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_pb_declared_message *message = d->plan->scopes[d->at].message;
    for (int i = 0; i < rf_pb_n_fields(message); i++) {
        *out = rf_pb_field_at(message, i);
        if (strcmp(out->name, d->part) != 0)
            continue;
        if (out->type == RF_PB_GROUP)
            RF_FAIL(err, RF_E_INVALID, "fields: \"%s\": \"%s\" is a group, which cannot be read", d->path,
                    d->part);
        if (out->type < RF_PB_DOUBLE || out->type > RF_PB_SINT64 || out->number == 0)
            RF_FAIL(err, RF_E_FORMAT, "source.descriptors %s: field \"%s\" of %s has type %d, number %u",
                    rf_descriptor_set_path(d->plan->set), d->part, rf_pb_message_name(message),
                    (int)out->type, (unsigned)out->number);
        return RF_OK;
    }
    return refuse_field(d, message, err);
done:
    return st;
}

static rf_status lacking_type(const descent *d, const char *type_name, rf_err *err)
{
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "fields: \"%s\": type %s is not in source.descriptors %s; write that with protoc "
                      "--include_imports",
                      d->path, type_name, rf_descriptor_set_path(d->plan->set));
}

/* The scope below a field that holds one message; d->at moves there. */
static rf_status enter(descent *d, const rf_pb_declared_field *declared, rf_err *err)
{
    rf_status st = RF_OK;
    size_t field = 0, below = 0;
    RF_TRY(add_field(&field, &d->plan->scopes[d->at], declared, err));
    if (d->plan->scopes[d->at].fields[field].scope < 0) {
        const rf_pb_declared_message *message = rf_pb_find_message(d->plan->set, declared->type_name);
        if (message == NULL)
            return lacking_type(d, declared->type_name, err);
        RF_TRY(add_scope(&below, d->plan, message, err));
        d->plan->scopes[d->at].fields[field].scope = (int)below;
    }
    d->at = (size_t)d->plan->scopes[d->at].fields[field].scope;
done:
    return st;
}

/* The field that d->part names in the scope gets d's name. */
static rf_status bind_plain(descent *d, const rf_pb_declared_field *declared, rf_err *err)
{
    rf_status st = RF_OK;
    size_t index = 0;
    RF_TRY(add_field(&index, &d->plan->scopes[d->at], declared, err));
    rf_pb_field *field = &d->plan->scopes[d->at].fields[index];
    if (field->name >= 0 && field->name != d->name)
        RF_FAIL(err, RF_E_INVALID, "fields: \"%s\" and \"%s\" are the same; use one of the names",
                d->plan->names->names[field->name], d->path);
    field->name = d->name;
    if (declared->type == RF_PB_ENUM) {
        field->values = rf_pb_find_enum(d->plan->set, declared->type_name);
        if (field->values == NULL)
            return lacking_type(d, declared->type_name, err);
    }
done:
    return st;
}

/* One of a Timestamp's two numbers. */
static rf_status bind_part(descent *d, const char *name, rf_pb_part part, rf_err *err)
{
    rf_status st = RF_OK;
    rf_pb_declared_field declared;
    size_t index = 0;
    strcpy(d->part, name);
    RF_TRY(find_field(&declared, d, err));
    if (declared.repeated || (declared.type != RF_PB_INT64 && declared.type != RF_PB_INT32))
        RF_FAIL(err, RF_E_FORMAT, "source.descriptors %s: its " TIMESTAMP " is not the one of Protobuf",
                rf_descriptor_set_path(d->plan->set));
    RF_TRY(add_field(&index, &d->plan->scopes[d->at], &declared, err));
    d->plan->scopes[d->at].fields[index].part = part;
done:
    return st;
}

/* The last part of the path: a plain value, a Timestamp, or a wrapper of one value. */
static rf_status bind_last(descent *d, rf_err *err)
{
    rf_status st = RF_OK;
    rf_pb_declared_field declared;
    RF_TRY(find_field(&declared, d, err));
    bool single = declared.type == RF_PB_MESSAGE && !declared.repeated;
    if (single && strcmp(declared.type_name, TIMESTAMP) == 0) {
        RF_TRY(enter(d, &declared, err));
        RF_TRY(bind_part(d, "seconds", RF_PB_SECONDS, err));
        RF_TRY(bind_part(d, "nanos", RF_PB_NANOS, err));
        d->plan->scopes[d->at].moment = d->name;
        return RF_OK;
    }
    if (single && is_wrapper(declared.type_name)) {
        RF_TRY(enter(d, &declared, err));
        strcpy(d->part, "value");
        RF_TRY(find_field(&declared, d, err));
    }
    RF_TRY(bind_plain(d, &declared, err));
done:
    return st;
}

static rf_status add_name(rf_pb_plan *plan, int name, rf_err *err)
{
    rf_status st = RF_OK;
    descent d = {.plan = plan, .path = plan->names->names[name], .name = name};
    rf_pb_declared_field declared;
    const char *part = d.path;
    for (int depth = 0;; depth++) {
        size_t len = strcspn(part, ".");
        if (len >= sizeof d.part || depth == MAX_PATH_PARTS)
            RF_FAIL(err, RF_E_INVALID, "fields: \"%.80s...\" has more than %d parts, or one too long", d.path,
                    MAX_PATH_PARTS);
        memcpy(d.part, part, len);
        d.part[len] = '\0';
        if (part[len] == '\0')
            break;
        RF_TRY(find_field(&declared, &d, err)); /* "a" of "a.b": down into a */
        if (declared.type != RF_PB_MESSAGE)
            RF_FAIL(err, RF_E_INVALID, "fields: \"%s\": \"%s\" is not a message, so it has no fields", d.path,
                    d.part);
        if (declared.repeated)
            RF_FAIL(err, RF_E_INVALID,
                    "fields: \"%s\": \"%s\" is repeated or a map; fields are read from single messages only",
                    d.path, d.part);
        RF_TRY(enter(&d, &declared, err));
        part += len + 1;
    }
    RF_TRY(bind_last(&d, err));
done:
    return st;
}

/* ---- the whole ---- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = ((const rf_pb_field *)a)->declared.number, y = ((const rf_pb_field *)b)->declared.number;
    return (x > y) - (x < y);
}

static rf_status finish_scope(rf_pb_scope *scope, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < rf_pb_n_fields(scope->message); i++) {
        rf_pb_declared_field declared = rf_pb_field_at(scope->message, i);
        size_t index = 0;
        bool mapped =
            false; /* an unmapped member of a oneof takes a mapped one's place, so it must be seen */
        for (size_t k = 0; declared.oneof >= 0 && !mapped && k < scope->n_fields; k++)
            mapped = scope->fields[k].declared.oneof == declared.oneof;
        if (mapped)
            RF_TRY(add_field(&index, scope, &declared, err));
    }
    if (scope->n_fields > 0)
        qsort(scope->fields, scope->n_fields, sizeof *scope->fields, by_number);
    for (size_t i = 0; i < scope->n_fields && scope->fields[i].declared.number < RF_PB_DIRECT; i++)
        scope->direct[scope->fields[i].declared.number] = (int16_t)(i + 1);
done:
    return st;
}

rf_status rf_pb_plan_new(rf_pb_plan **out, const rf_field_plan *names, const rf_descriptor_set *set,
                         const char *message_type, rf_err *err)
{
    rf_status st = RF_OK;
    const char *type = message_type + (message_type[0] == '.'), *path = rf_descriptor_set_path(set);
    const rf_pb_declared_message *message = rf_pb_find_message(set, type);
    size_t root = 0;
    rf_pb_plan *plan = NULL;
    if (message == NULL) {
        const char *nearest = rf_pb_nearest_message(set, type);
        if (nearest == NULL)
            RF_FAIL(err, RF_E_INVALID,
                    "source.message_type: \"%s\" is not in source.descriptors %s; write it with its package, "
                    "as in shop.Order",
                    message_type, path);
        RF_FAIL(err, RF_E_INVALID,
                "source.message_type: \"%s\" is not in source.descriptors %s; did you mean \"%s\"?",
                message_type, path, nearest);
    }
    RF_ZERO(plan, 1, err);
    plan->names = names;
    plan->set = set;
    RF_TRY(add_scope(&root, plan, message, err));
    for (int name = 0; name < names->n_names; name++) {
        if (names->origins[name] == RF_FIELD_BODY)
            RF_TRY(add_name(plan, name, err));
    }
    for (size_t i = 0; i < plan->n_scopes; i++)
        RF_TRY(finish_scope(&plan->scopes[i], err));
    *out = plan;
    plan = NULL;
done:
    rf_pb_plan_free(plan);
    return st;
}

void rf_pb_plan_free(rf_pb_plan *plan)
{
    if (plan == NULL)
        return;
    for (size_t i = 0; i < plan->n_scopes; i++)
        rf_mem_free(plan->scopes[i].fields);
    rf_mem_free(plan->scopes);
    rf_mem_free(plan);
}

const rf_pb_field *rf_pb_plan_field(const rf_pb_scope *scope, uint32_t number)
{
    if (number < RF_PB_DIRECT)
        return scope->direct[number] > 0 ? &scope->fields[scope->direct[number] - 1] : NULL;
    size_t low = 0, high = scope->n_fields;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (scope->fields[middle].declared.number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < scope->n_fields && scope->fields[low].declared.number == number ? &scope->fields[low] : NULL;
}
