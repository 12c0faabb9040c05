/* avro_plan.c - the mapped names, found in a schema once, so that reading a record compares no names.
 *
 * Records are entered by the names of their fields, lists by the number of an item or by each of them, maps
 * by their keys, unions by every branch. What leads to nothing that is mapped gets no want, and is passed
 * over as a whole.
 */
#include "avro_plan_int.h"

#include <string.h>

#include "rf_log.h"
#include "rf_mem.h"

#define MOST_WANTS 4096
#define MOST_PATHS 500 /* of fields that are looked through for the one that was meant */
#define DEEPEST 8

static rf_status find_want(int *want, rf_avro_plan *plan, int type, int node, rf_err *err);

/* ---- what each kind leads to ---- */

static rf_status add_want(int *index, rf_avro_plan *plan, int type, int node, rf_err *err)
{
    rf_status st = RF_OK;
    int name = plan->keys->nodes[node].name;
    if (plan->n_wants == MOST_WANTS)
        RF_FAIL(err, RF_E_INVALID, "fields: the schema has more than %d ways to what they name", MOST_WANTS);
    RF_RESERVE(plan->wants, plan->cap_wants, plan->n_wants + 1, err);
    *index = (int)plan->n_wants++;
    plan->wants[*index] = (rf_avro_want){
        .type = type, .node = node, .name = name < plan->names->n_names ? name : -1, .each = RF_AVRO_NO_WANT};
done:
    return st;
}

/* Fields of a record, branches of a union. *leads: one at least leads somewhere. */
static rf_status add_parts(bool *leads, rf_avro_plan *plan, int want, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_avro_type *type = rf_avro_type_at(plan->schema, plan->wants[want].type);
    const int node = plan->wants[want].node;
    const size_t first = plan->n_below;
    RF_RESERVE(plan->below, plan->cap_below, plan->n_below + type->n, err);
    plan->n_below += type->n;
    for (size_t i = 0; i < type->n; i++) {
        const rf_avro_part *part = &plan->schema->parts[type->first + i];
        int to = node, below = RF_AVRO_NO_WANT;
        if (type->kind == RF_AVRO_RECORD)
            to = rf_json_keys_find(plan->keys, node, part->name.ptr, part->name.len);
        if (to != RF_JSON_NO_NODE)
            RF_TRY(find_want(&below, plan, part->type, to, err));
        plan->below[first + i] = below;
        *leads = *leads || below != RF_AVRO_NO_WANT;
    }
    plan->wants[want].first = first;
    plan->wants[want].n = type->n;
done:
    return st;
}

static rf_status add_pick(rf_avro_plan *plan, rf_avro_pick pick, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(plan->picks, plan->cap_picks, plan->n_picks + 1, err);
    plan->picks[plan->n_picks++] = pick;
done:
    return st;
}

/* Items of an array, values of a map: one pick for each node below. */
static rf_status add_items(bool *leads, rf_avro_plan *plan, int want, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_avro_type *type = rf_avro_type_at(plan->schema, plan->wants[want].type);
    const int items = plan->schema->parts[type->first].type, node = plan->wants[want].node;
    rf_avro_pick *found = NULL;
    size_t n = 0;
    RF_NEW(found, plan->keys->n, err);
    for (int below = 0; below < plan->keys->n; below++) {
        rf_span key = plan->keys->nodes[below].key;
        int64_t index = -1;
        int to = RF_AVRO_NO_WANT;
        bool each = key.len == 3 && memcmp(key.ptr, "[*]", 3) == 0;
        bool item =
            key.len > 2 && key.ptr[0] == '[' && (each || rf_int_parse(&index, key.ptr + 1, key.len - 2));
        if (plan->keys->nodes[below].parent != node || (type->kind == RF_AVRO_ARRAY && !item))
            continue;
        RF_TRY(find_want(&to, plan, items, below, err));
        *leads = *leads || to != RF_AVRO_NO_WANT;
        if (type->kind == RF_AVRO_ARRAY && each)
            plan->wants[want].each = to;
        else if (to != RF_AVRO_NO_WANT)
            found[n++] = (rf_avro_pick){index, key, to};
    }
    plan->wants[want].first = plan->n_picks; /* those of deeper lists are in front */
    plan->wants[want].n = n;
    for (size_t i = 0; i < n; i++)
        RF_TRY(add_pick(plan, found[i], err));
done:
    rf_mem_free(found);
    return st;
}

/* The want of a type by a node; NO_WANT where nothing there is mapped. A type may be met at a node again (two
 * branches of a union share it), so the want keeps that it leads nowhere. Recursion: every record and list
 * takes a part of a mapped name, and a union cannot hold itself. */
static rf_status find_want(int *want, rf_avro_plan *plan, int type, int node, rf_err *err)
{
    rf_status st = RF_OK;
    rf_avro_kind kind = rf_avro_type_at(plan->schema, type)->kind;
    bool leads = false;
    *want = RF_AVRO_NO_WANT;
    if (kind == RF_AVRO_NULL)
        return RF_OK;
    for (size_t i = 0; i < plan->n_wants; i++) {
        if (plan->wants[i].type == type && plan->wants[i].node == node) {
            *want = plan->wants[i].leads ? (int)i : RF_AVRO_NO_WANT;
            return RF_OK;
        }
    }
    int added = RF_AVRO_NO_WANT;
    RF_TRY(add_want(&added, plan, type, node, err));
    if (kind == RF_AVRO_RECORD || kind == RF_AVRO_UNION)
        RF_TRY(add_parts(&leads, plan, added, err));
    else if (kind == RF_AVRO_ARRAY || kind == RF_AVRO_MAP)
        RF_TRY(add_items(&leads, plan, added, err));
    int name = plan->wants[added].name;
    if (kind == RF_AVRO_UNION)
        plan->wants[added].name = -1; /* its branches fill it */
    else if (name >= 0)
        plan->has[name] = leads = true;
    plan->wants[added].leads = leads;
    *want = leads ? added : RF_AVRO_NO_WANT;
done:
    return st;
}

/* ---- the whole ---- */

rf_status rf_avro_plan_new(rf_avro_plan **out, const rf_avro_schema *schema, const rf_field_plan *names,
                           const rf_json_keys *keys, rf_err *err)
{
    rf_status st = RF_OK;
    rf_avro_plan *plan = NULL;
    RF_ZERO(plan, 1, err);
    plan->schema = schema;
    plan->names = names;
    plan->keys = keys;
    RF_TRY(find_want(&plan->root, plan, schema->root, RF_JSON_ROOT, err));
    *out = plan;
    plan = NULL;
done:
    rf_avro_plan_free(plan);
    return st;
}

void rf_avro_plan_free(rf_avro_plan *plan)
{
    if (plan == NULL)
        return;
    rf_mem_free(plan->wants);
    rf_mem_free(plan->below);
    rf_mem_free(plan->picks);
    rf_mem_free(plan);
}

/* ---- names that are not there ---- */

int rf_avro_plan_lacking(const rf_avro_plan *plan, int from)
{
    for (int name = from; name < plan->names->n_names; name++) {
        if (plan->names->origins[name] == RF_FIELD_BODY && !plan->has[name])
            return name;
    }
    return -1;
}

typedef struct paths {
    char *at[MOST_PATHS + 1]; /* rf_mem texts, NULL behind the last */
    char *lists[MOST_PATHS + 1];
    size_t n, n_lists;
} paths;

/* The fields below a type, as paths; lists apart. */
static rf_status collect(paths *found, const rf_avro_schema *schema, int type_index, const char *prefix,
                         int depth, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_avro_type *type = rf_avro_type_at(schema, type_index);
    for (size_t i = 0; i < type->n && depth < DEEPEST; i++) {
        const rf_avro_part *part = &schema->parts[type->first + i];
        rf_text path = {0};
        if (type->kind == RF_AVRO_UNION)
            RF_TRY(collect(found, schema, part->type, prefix, depth + 1, err));
        if (type->kind != RF_AVRO_RECORD || found->n == MOST_PATHS)
            continue;
        RF_TRY(rf_text_printf(&path, err, "%s%s%s", prefix, *prefix == '\0' ? "" : ".", part->name.ptr));
        found->at[found->n++] = path.ptr; /* an rf_mem block */
        RF_TRY(collect(found, schema, part->type, path.ptr, depth + 1, err));
    }
    if (type->kind == RF_AVRO_ARRAY && *prefix != '\0' && found->n_lists < MOST_PATHS) {
        char *copy = rf_mem_text(prefix, strlen(prefix), err);
        if (copy == NULL)
            return RF_E_NOMEM;
        found->lists[found->n_lists++] = copy;
    }
done:
    return st;
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot == NULL ? path : dot + 1;
}

rf_status rf_avro_plan_explain(rf_text *out, const rf_avro_plan *plan, int name, rf_err *err)
{
    rf_status st = RF_OK;
    const char *wanted = plan->names->names[name], *near = NULL, *list = NULL;
    paths *found = NULL;
    RF_ZERO(found, 1, err); /* large */
    RF_TRY(collect(found, plan->schema, plan->schema->root, "", 0, err));
    for (size_t i = 0; list == NULL && i < found->n_lists; i++) {
        size_t len = strlen(found->lists[i]);
        if (strncmp(found->lists[i], wanted, len) == 0 && wanted[len] == '.')
            list = found->lists[i];
    }
    near = rf_nearest(wanted, (const char *const *)found->at);
    for (size_t i = 0; near == NULL && i < found->n; i++) { /* the same name at another place */
        if (strcmp(last_part(found->at[i]), last_part(wanted)) == 0)
            near = found->at[i];
    }
    if (list != NULL)
        RF_TRY(rf_text_printf(out, err,
                              "has a list at \"%s\": %s[*] makes an event of each of its items, %s[0] takes "
                              "the first",
                              list, list, list));
    else
        RF_TRY(rf_text_printf(out, err, "has no field \"%s\"%s%s%s", wanted,
                              near != NULL ? " (did you mean \"" : "", near != NULL ? near : "",
                              near != NULL ? "\"?)" : ""));
done:
    for (size_t i = 0; found != NULL && i < found->n; i++)
        rf_mem_free(found->at[i]);
    for (size_t i = 0; found != NULL && i < found->n_lists; i++)
        rf_mem_free(found->lists[i]);
    rf_mem_free(found);
    return st;
}

rf_status rf_avro_plan_check(const rf_avro_plan *plan, rf_absent_keys absent, const char *what, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text why = {0};
    for (int name = rf_avro_plan_lacking(plan, 0); name >= 0; name = rf_avro_plan_lacking(plan, name + 1)) {
        rf_text_reset(&why);
        RF_TRY(rf_avro_plan_explain(&why, plan, name, err));
        bool rare = rf_field_plan_is_alternative(plan->names, name);
        if (absent != RF_ABSENT_KEYS_WARN && !rare)
            RF_FAIL(err, RF_E_INVALID,
                    "fields: \"%s\": the schema of %s %s; where some schemas lack it and others do not, set "
                    "ingest.absent_keys: warn",
                    plan->names->names[name], what, why.ptr);
        rf_log(RF_LOG_WARN, "fields: \"%s\": the schema of %s %s; it counts as missing there",
               plan->names->names[name], what, why.ptr);
    }
done:
    rf_text_clear(&why);
    return st;
}
