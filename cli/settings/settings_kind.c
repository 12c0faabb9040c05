/* settings_kind.c - fields.entities: the kinds of entity that an event names, when everything is set. The
 * first is the main kind, which takes the place of fields.entity.
 */
#include "settings_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const rf_kind_setting rf_kind_default = {.kind = {.hub_percentile = (double)NAN}};

/* The words by which rules, actions and pages call other subjects are no names of kinds. */
bool rf_kind_may_be_named(const char *name)
{
    static const char *const taken[] = {"user", "entity", "edge", "event", "cluster"};
    bool free = rf_kind_name_is_valid(name);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        free = free && strcmp(name, taken[i]) != 0;
    return free;
}

/* "run.yaml:12: fields.entities.device" */
static const char *subject(char out[512], const rf_settings *settings, int k, const char *part)
{
    char path[128];
    const rf_named_item *item = &settings->own->named[RF_NAMED_KINDS].at[k];
    rf_origin at = item->first;
    at.is_flag = false;
    snprintf(path, sizeof path, RF_ENTITIES ".%.64s%s", item->name, part);
    return rf_settings_subject(out, &at, path);
}

static const rf_origin *origin_of(const rf_settings *settings, const char *path)
{
    return &settings->own->origins[rf_key_find(path) - rf_keys];
}

/* One entity or several kinds: two in one file are refused, else the later wins, as of other keys. */
static rf_status choose(bool *kinds, const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_named_items *named = &settings->own->named[RF_NAMED_KINDS];
    static const char *const one[] = {"fields.entity", "fields.entity.normalise", "fields.entity.near"};
    char who[512], where[160];
    *kinds = named->n > 0;
    for (size_t i = 0; *kinds && i < sizeof one / sizeof *one; i++) {
        const rf_origin *at = origin_of(settings, one[i]);
        if (at->source == RF_FROM_DEFAULT || !rf_key_has_value(settings, rf_key_find(one[i])))
            continue;
        if (at->pass == named->last_pass || i > 0)
            RF_FAIL(err, RF_E_INVALID,
                    "%s conflicts with %s (%s); set only one of " RF_ENTITIES " and fields.entity",
                    subject(who, settings, 0, ""), one[i], rf_settings_where(settings, one[i], where));
        *kinds = named->last_pass > at->pass;
    }
done:
    return st;
}

/* What one kind says, as the graph wants it. */
static rf_status finish_kind(rf_settings *settings, int k, rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_settings_own *own = settings->own;
    const rf_kind_setting *told = &own->kinds[k];
    rf_kind *kind = &own->schema_kinds[k];
    char who[512];
    if (told->field == NULL)
        RF_FAIL(err, RF_E_INVALID, "%s: the field is missing; give the column or key that holds it",
                subject(who, settings, k, ""));
    if (k == 0 && rf_named_was_set(settings, RF_NAMED_KINDS, k, ".required") && !told->kind.required)
        RF_FAIL(
            err, RF_E_INVALID,
            "%s is false, but this is the main kind, the first, which every event has; put another one first",
            subject(who, settings, k, ".required"));
    const bool hubs = told->kind.hub_percentile > 0 || told->kind.hub_degree > 0;
    if (k == 0 && hubs) /* every user needs an edge of the main kind */
        RF_FAIL(
            err, RF_E_INVALID,
            "%s has a bound for hubs, but this is the main kind, the first, which has none: its edges all "
            "stay in the graph; put another one first",
            subject(who, settings, k, ""));
    *kind = told->kind;
    snprintf(kind->name, sizeof kind->name, "%s", own->named[RF_NAMED_KINDS].at[k].name);
    kind->required = told->kind.required || k == 0;
    kind->hub_percentile = isnan(kind->hub_percentile) ? 0 : kind->hub_percentile;
    if (k > 0)
        own->others[k - 1] = (rf_kind_field){told->field, told->more, told->normalise};
done:
    return st;
}

rf_status rf_kinds_finish(rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_settings_own *own = settings->own;
    rf_fields *fields = &settings->source.fields;
    bool any;
    RF_TRY(choose(&any, settings, err));
    own->schema.n_kinds = 0;
    if (!any)
        return RF_OK;
    for (int k = 0; k < own->named[RF_NAMED_KINDS].n; k++)
        RF_TRY(finish_kind(settings, k, err));
    own->schema.kinds = own->schema_kinds;
    own->schema.n_kinds = own->named[RF_NAMED_KINDS].n;
    fields->entity = own->kinds[0].field;
    fields->entity_more = own->kinds[0].more;
    fields->entity_normalise = own->kinds[0].normalise;
    fields->near_bits = own->kinds[0].kind.near_bits;
    fields->others = own->others;
done:
    return st;
}

/* Keyed hashes of hashes that are near are as far apart as any. */
rf_status rf_kinds_check_near(const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    char where[160], who[512];
    const rf_fields *fields = &settings->source.fields;
    const rf_schema *schema = fields->schema;
    for (int k = 0; k < rf_schema_kinds(schema); k++) {
        const bool hashes = rf_fields_hide_ids(fields, rf_entity_side(k));
        const char *hides = settings->files.pseudonym_key != NULL ? "ids.pseudonymise"
                            : hashes                              ? "sha256 among the words of normalise"
                                                                  : NULL;
        if ((k == 0 ? fields->near_bits : schema->kinds[k].near_bits) == 0 || hides == NULL)
            continue;
        if (schema->n_kinds > 0)
            RF_FAIL(err, RF_E_INVALID,
                    "%s needs hashes as events have them, and %s leaves none: choose one of both",
                    subject(who, settings, k, ".near"), hides);
        RF_FAIL(err, RF_E_INVALID,
                "fields.entity.near (%s) needs hashes as events have them, and %s leaves none: choose one of "
                "both",
                rf_settings_where(settings, "fields.entity.near", where), hides);
    }
done:
    return st;
}

/* ---- which kinds' edges carry an attribute ---- */

static rf_status unknown_kind(const rf_settings *settings, int attr, const char *name, rf_err *err)
{
    const char *names[RF_KINDS_MOST + 1];
    const rf_schema *schema = &settings->own->schema;
    const rf_named_item *item = &settings->own->named[RF_NAMED_ATTRS].at[attr];
    rf_origin at = item->first;
    char path[256], who[512], shown[96];
    int n = 0;
    for (; n < schema->n_kinds; n++)
        names[n] = schema->kinds[n].name;
    names[n] = NULL;
    const char *near = rf_nearest(name, names);
    at.is_flag = false;
    snprintf(path, sizeof path, RF_ATTRIBUTES ".%.128s.of", item->name);
    rf_settings_subject(who, &at, path);
    rf_settings_shown(shown, name);
    if (n == 0)
        return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                          "%s names the kind \"%s\", but there are none; name them in " RF_ENTITIES, who,
                          shown);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s: \"%s\" is no kind of " RF_ENTITIES "; %s \"%s\"%s", who, shown,
                      near != NULL ? "did you mean" : "the first is", near != NULL ? near : names[0],
                      near != NULL ? "?" : "");
}

rf_status rf_kinds_of_attr(rf_settings *settings, int attr, rf_err *err)
{
    struct rf_settings_own *own = settings->own;
    rf_attr *a = &own->attrs[attr];
    bool one = own->schema.n_kinds == 0 && own->named[RF_NAMED_KINDS].n > 0; /* fields.entity came later */
    a->kinds = 0;
    for (int i = 0; i < a->n_of && !one; i++) {
        int k = 0;
        while (k < own->schema.n_kinds && strcmp(own->schema.kinds[k].name, a->of[i]) != 0)
            k++;
        if (k == own->schema.n_kinds)
            return unknown_kind(settings, attr, a->of[i], err);
        a->kinds |= UINT32_C(1) << k;
    }
    return RF_OK;
}
