/* settings_identity.c - the text by which a state knows its configuration: what decides how an event becomes
 * part of it. A state of another text cannot be continued. Where events come from (files, brokers, topics,
 * groups) is not part of it: positions have names of their own, and a cluster may move.
 */
#include "settings_int.h"

#include <string.h>

static rf_status add_field(rf_text *text, const char *name, const char *value, rf_err *err)
{
    return value == NULL ? RF_OK : rf_text_printf(text, err, "%s %s\n", name, value);
}

/* "NAME WORD", a key's value as a file would say it. */
static rf_status add_key(rf_text *text, const char *name, const rf_settings *settings, const char *path,
                         rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(text, err, "%s ", name));
    RF_TRY(rf_key_print(text, settings, rf_key_find(path), err));
    RF_TRY(rf_text_printf(text, err, "\n"));
done:
    return st;
}

static rf_status add_names(rf_text *text, const char *name, const char *first, const rf_settings *settings,
                           const char *path, rf_err *err)
{
    return first == NULL ? RF_OK : add_key(text, name, settings, path, err);
}

/* Keys that differ from their defaults: states of before these keys have no such lines. */
static rf_status add_told_keys(rf_text *text, const rf_settings *settings, const char *const *paths,
                               rf_err *err)
{
    rf_status st = RF_OK;
    rf_text value = {0}, usual = {0};
    for (; *paths != NULL; paths++) {
        const rf_key *key = rf_key_find(*paths);
        rf_text_reset(&value);
        rf_text_reset(&usual);
        RF_TRY(rf_key_print(&value, settings, key, err));
        RF_TRY(rf_key_default(&usual, key, err));
        if (value.len != usual.len || (value.len > 0 && memcmp(value.ptr, usual.ptr, value.len) != 0))
            RF_TRY(rf_text_printf(text, err, "%s %s\n", *paths, value.len == 0 ? "" : value.ptr));
    }
done:
    rf_text_clear(&value);
    rf_text_clear(&usual);
    return st;
}

static rf_status add_spelling(rf_text *text, const char *name, const rf_text *words, rf_err *err)
{
    return words->len == 0 ? RF_OK : rf_text_printf(text, err, "%s %s\n", name, words->ptr);
}

/* What is done to users and entities of one kind, whichever keys say so. */
static rf_status add_spellings(rf_text *text, const rf_fields *fields, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text user = {0}, entity = {0};
    RF_TRY(rf_fields_spelling_text(&user, fields, RF_USER, err));
    RF_TRY(rf_fields_spelling_text(&entity, fields, RF_ENTITY, err));
    bool same = user.len == entity.len && (user.len == 0 || memcmp(user.ptr, entity.ptr, user.len) == 0);
    RF_TRY(add_spelling(text, same ? "fields.normalise" : "fields.user.normalise", &user, err));
    if (!same)
        RF_TRY(add_spelling(text, "fields.entity.normalise", &entity, err));
done:
    rf_text_clear(&user);
    rf_text_clear(&entity);
    return st;
}

/* The same of users, where the kinds say it themselves. */
static rf_status add_user_spelling(rf_text *text, const rf_fields *fields, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text user = {0};
    RF_TRY(rf_fields_spelling_text(&user, fields, RF_USER, err));
    RF_TRY(add_spelling(text, "fields.user.normalise", &user, err));
done:
    rf_text_clear(&user);
    return st;
}

/* The kinds of fields.entities, a line each: how many users make a hub is not part of the state. */
static rf_status add_kinds(rf_text *text, const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text words = {0};
    const rf_fields *fields = &settings->source.fields;
    for (int k = 0; k < fields->schema->n_kinds; k++) {
        const rf_kind *kind = &fields->schema->kinds[k];
        RF_TRY(rf_text_printf(text, err, "kind %s ", kind->name));
        RF_TRY(rf_key_print(text, &settings->own->kinds[k], rf_key_find(RF_ENTITIES ".*"), err));
        if (!kind->required)
            RF_TRY(rf_text_printf(text, err, " optional"));
        rf_text_reset(&words);
        RF_TRY(rf_fields_spelling_text(&words, fields, rf_entity_side(k), err));
        if (words.len > 0)
            RF_TRY(rf_text_printf(text, err, " normalise %s", words.ptr));
        if (kind->near_bits > 0)
            RF_TRY(rf_text_printf(text, err, " near %d", kind->near_bits));
        RF_TRY(rf_text_printf(text, err, "\n"));
    }
done:
    rf_text_clear(&words);
    return st;
}

/* How records are read, where that is not the default. */
static rf_status add_source_keys(rf_text *text, const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    static const char *const records[] = {"source.encoding",
                                          "source.csv.delimiter",
                                          "source.csv.quote",
                                          "source.csv.escape",
                                          "source.csv.comment",
                                          "source.csv.skip",
                                          "source.csv.trim",
                                          "source.csv.header",
                                          "source.csv.short_rows",
                                          "fields.null_values",
                                          "fields.numbers.decimal",
                                          "fields.numbers.thousands",
                                          "fields.numbers.currency",
                                          "fields.time.since",
                                          "source.where",
                                          NULL};
    static const char *const near[] = {"fields.entity.near", NULL};
    static const char *const truth[] = {"fields.true_values", "fields.false_values", NULL};
    RF_TRY(add_told_keys(text, settings, records, err));
    if (settings->source.fields.schema->n_kinds > 0) {
        RF_TRY(add_user_spelling(text, &settings->source.fields, err));
    } else {
        RF_TRY(add_spellings(text, &settings->source.fields, err));
        RF_TRY(add_told_keys(text, settings, near, err));
    }
    RF_TRY(add_told_keys(text, settings, truth, err));
    if (settings->source.type != RF_SOURCE_KAFKA && settings->source.n_columns > 0)
        RF_TRY(add_key(text, "source.columns", settings, "source.columns", err));
done:
    return st;
}

/* What an attribute is made of besides its field. */
static rf_status add_more(rf_text *text, const rf_attr *attr, rf_err *err)
{
    rf_status st = attr->age ? rf_text_printf(text, err, " age") : RF_OK;
    if (st == RF_OK && attr->finer != 0)
        st = rf_text_printf(text, err, " decimals %d", rf_attr_places(attr));
    if (st == RF_OK && attr->unit != 0)
        st = rf_text_printf(text, err, " scale 1e%d", attr->unit);
    for (int i = 0; st == RF_OK && i < attr->more.n; i++)
        st = rf_text_printf(text, err, " %s %s", attr->more.joined ? "and" : "or", attr->more.names[i]);
    return st;
}

/* The words of a boolean attribute that are not the usual ones. */
static rf_status add_truth(rf_text *text, const rf_attr *attr, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < attr->truth.n_yes; i++)
        RF_TRY(rf_text_printf(text, err, " true %s", attr->truth.yes[i]));
    for (int i = 0; i < attr->truth.n_no; i++)
        RF_TRY(rf_text_printf(text, err, " false %s", attr->truth.no[i]));
done:
    return st;
}

static rf_status add_attribute(rf_text *text, const rf_attr *attr, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(text, err, "attribute %s ", attr->name));
    RF_TRY(rf_key_print(text, attr, rf_key_find(RF_ATTRIBUTES ".*.type"), err));
    RF_TRY(rf_text_printf(text, err, " %s%s", attr->field == NULL ? "" : attr->field,
                          attr->required ? "" : " optional"));
    RF_TRY(add_more(text, attr, err));
    if (attr->type == RF_ATTR_CATEGORY)
        RF_TRY(rf_text_printf(text, err, " top %d", attr->top));
    RF_TRY(add_truth(text, attr, err));
    RF_TRY(rf_text_printf(text, err, "%s", attr->log1p ? " log1p" : ""));
    for (int i = 0; i < attr->n_of; i++)
        RF_TRY(rf_text_printf(text, err, "%s%s", i == 0 ? " of " : ",", attr->of[i]));
    RF_TRY(rf_text_printf(text, err, "\n"));
done:
    return st;
}

rf_status rf_settings_name_state(rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    char check[RF_HASH_CHECK];
    const rf_fields *fields = &settings->source.fields;
    RF_TRY(add_names(&text, "user", fields->user, settings, "fields.user", err));
    if (fields->schema->n_kinds > 0)
        RF_TRY(add_kinds(&text, settings, err));
    else
        RF_TRY(add_names(&text, "entity", fields->entity, settings, "fields.entity", err));
    RF_TRY(add_names(&text, "time", fields->time, settings, "fields.time.field", err));
    RF_TRY(add_key(&text, "time.format", settings, "fields.time.format", err));
    RF_TRY(add_field(&text, "time.zone", fields->zone, err));
    RF_TRY(add_names(&text, "event_id", fields->event_id, settings, "fields.event_id", err));
    RF_TRY(add_field(&text, "label", fields->label, err));
    RF_TRY(add_field(&text, "fraud_type", fields->fraud_type, err));
    for (int i = 0; i < fields->schema->n_attrs; i++)
        RF_TRY(add_attribute(&text, &fields->schema->attrs[i], err));
    RF_TRY(add_source_keys(&text, settings, err));
    RF_TRY(add_key(&text, "granularity", settings, "graph.granularity", err));
    RF_TRY(rf_text_printf(&text, err, "bucket %lldus\n", (long long)settings->graph.bucket_us));
    RF_TRY(add_field(&text, "zone", settings->graph.zone, err));
    if (settings->pseudonym_key != NULL) { /* names of one key mean nothing beside those of another */
        RF_TRY(rf_hash_key_check(check, settings->pseudonym_key, err));
        RF_TRY(rf_text_printf(&text, err, "pseudonyms %s\n", check));
    }
    settings->graph.identity = rf_keep_text(&settings->own->keep, text.ptr, text.len, err);
    if (settings->graph.identity == NULL)
        st = RF_E_NOMEM;
done:
    rf_text_clear(&text);
    return st;
}
