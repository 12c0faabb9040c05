/* settings_finish.c - what spans several keys: which value replaces a missing one, what does not fit
 * together, and which files are in `output`.
 */
#include "settings_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_secret.h"
#include "rf_time.h"

static rf_status whole_buckets(const rf_settings *settings, const char *path, int64_t value, rf_err *err)
{
    char where[160], bucket[160];
    if (settings->graph.bucket_us == 0 || value % settings->graph.bucket_us == 0)
        return RF_OK;
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s (%s) is not a multiple of graph.bucket (%s); change one of them", path,
                      rf_settings_where(settings, path, where),
                      rf_settings_where(settings, "graph.bucket", bucket));
}

/* ---- the state's identity ---- */

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

/* What is done to users and entities, whichever keys say so. */
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
    RF_TRY(add_spellings(text, &settings->source.fields, err));
    RF_TRY(add_told_keys(text, settings, near, err));
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

/* What decides how an event becomes part of the state: a state of another text cannot be continued. Where
 * events come from (files, brokers, topics, groups) is not part of it: positions have names of their own, and
 * a cluster may move. */
static rf_status name_state(rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    char check[RF_HASH_CHECK];
    const rf_fields *fields = &settings->source.fields;
    RF_TRY(add_names(&text, "user", fields->user, settings, "fields.user", err));
    RF_TRY(add_names(&text, "entity", fields->entity, settings, "fields.entity", err));
    RF_TRY(add_names(&text, "time", fields->time, settings, "fields.time.field", err));
    RF_TRY(add_key(&text, "time.format", settings, "fields.time.format", err));
    RF_TRY(add_field(&text, "time.zone", fields->zone, err));
    RF_TRY(add_names(&text, "event_id", fields->event_id, settings, "fields.event_id", err));
    RF_TRY(add_field(&text, "label", fields->label, err));
    RF_TRY(add_field(&text, "fraud_type", fields->fraud_type, err));
    for (int i = 0; i < fields->schema->n_attrs; i++) {
        const rf_attr *attr = &fields->schema->attrs[i];
        RF_TRY(rf_text_printf(&text, err, "attribute %s ", attr->name));
        RF_TRY(rf_key_print(&text, attr, rf_key_find(RF_ATTRIBUTES ".*.type"), err));
        RF_TRY(rf_text_printf(&text, err, " %s%s", attr->field == NULL ? "" : attr->field,
                              attr->required ? "" : " optional"));
        RF_TRY(add_more(&text, attr, err));
        if (attr->type == RF_ATTR_CATEGORY)
            RF_TRY(rf_text_printf(&text, err, " top %d", attr->top));
        RF_TRY(add_truth(&text, attr, err));
        RF_TRY(rf_text_printf(&text, err, "%s\n", attr->log1p ? " log1p" : ""));
    }
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

/* A file of this name in the folder of the scores. */
static rf_status beside_scores(rf_settings *settings, const char *name, const char **out, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text path = {0};
    const char *scores = settings->files.scores, *slash = strrchr(scores, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash + 1 - scores);
    RF_TRY(rf_text_add(&path, scores, folder, err));
    RF_TRY(rf_text_add(&path, name, strlen(name), err));
    *out = rf_keep_text(&settings->own->keep, path.ptr, path.len, err);
    if (*out == NULL)
        st = RF_E_NOMEM;
done:
    rf_text_clear(&path);
    return st;
}

/* The moment before which nothing is kept, in whole buckets. Events without times have no age. */
static void set_retention(rf_settings *settings)
{
    int64_t bucket = settings->graph.bucket_us;
    if (settings->retention_us == 0)
        return;
    int64_t before = rf_time_now_us() - settings->retention_us;
    settings->graph.forget_before_us = settings->graph.timeless || bucket <= 0 ? 0 : before - before % bucket;
    settings->source.forget_before_us = before;
    settings->cluster.forget_before_us = before;
    settings->emit.forget_before_us = before;
}

/* How far the newest events may lie from all others and still move the window, however few they are. Who says
 * --as-of latest means it. */
static void set_jump(rf_settings *settings)
{
    rf_bigraph_options *graph = &settings->graph;
    int64_t tolerance = settings->source.future_tolerance_us;
    bool told = rf_settings_origin_of(settings, "graph.as_of") == RF_FROM_COMMAND_LINE;
    if (tolerance == RF_ANY_FUTURE || graph->window_us == 0 || graph->timeless || told)
        return;
    graph->jump_us = tolerance > graph->window_us ? tolerance : graph->window_us;
}

/* Keyed hashes of hashes that are near are as far apart as any. */
static rf_status set_near(rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    char where[160];
    const rf_fields *fields = &settings->source.fields;
    const char *hides = settings->files.pseudonym_key != NULL   ? "ids.pseudonymise"
                        : rf_fields_hide_ids(fields, RF_ENTITY) ? "sha256 among the words of normalise"
                                                                : NULL;
    if (fields->near_bits > 0 && hides != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "fields.entity.near (%s) needs hashes as events have them, and %s leaves none: choose one of "
                "both",
                rf_settings_where(settings, "fields.entity.near", where), hides);
    settings->graph.near_bits = fields->near_bits;
done:
    return st;
}

rf_status rf_settings_finish(rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_attr_finish(settings, err));
    RF_TRY(whole_buckets(settings, "graph.window", settings->graph.window_us, err));
    if (settings->graph.as_of_us != RF_AS_OF_LATEST)
        RF_TRY(whole_buckets(settings, "graph.as_of", settings->graph.as_of_us, err));
    if (settings->graph.zone == NULL)
        settings->graph.zone = settings->source.fields.zone;
    RF_TRY(set_near(settings, err));
    settings->graph.timeless = settings->source.fields.time == NULL;
    if (isnan(settings->score.eta))
        settings->score.eta = settings->train.eta;
    settings->emit.kafka.settings = settings->source.kafka.settings; /* one client's settings for both ends */
    settings->emit.kafka.n_settings = settings->source.kafka.n_settings;
    settings->emit.kafka.broker_timeout_us = settings->source.kafka.broker_timeout_us;
    if (settings->source.kafka.n_settings > 0 ||
        settings->source.kafka.avro.password != NULL) /* passwords can be among them */
        rf_secret_no_dumps();
    if (settings->files.pseudonym_key != NULL)
        RF_TRY(rf_hash_key_load(&settings->pseudonym_key, settings->files.pseudonym_key, err));
    settings->source.pseudonym_key = settings->pseudonym_key;
    settings->source.results = settings->output;
    RF_TRY(name_state(settings, err));
    set_retention(settings);
    set_jump(settings);

    /* result files are in `output`, but for absolute names, "-", and names from the command line */
    for (const rf_key *key = rf_keys; key->path != NULL; key++) {
        const char **name = (const char **)(void *)((char *)settings + key->offset);
        if (!key->in_output || *name == NULL || (*name)[0] == '/' || strcmp(*name, "-") == 0 ||
            settings->own->origins[key - rf_keys].source == RF_FROM_COMMAND_LINE)
            continue;
        RF_TRY(rf_settings_in_output(settings, *name, name, err));
    }
    if (settings->emit.alerts == NULL)
        RF_TRY(beside_scores(settings, "alerts.h5", &settings->emit.alerts, err));
    if (settings->files.clusters == NULL)
        RF_TRY(beside_scores(settings, "clusters.h5", &settings->files.clusters, err));
done:
    return st;
}

rf_status rf_settings_check_emit(const rf_settings *settings, rf_err *err)
{
    if (settings->emit.to == RF_EMIT_KAFKA && settings->emit.kafka.topic == NULL)
        return rf_settings_missing("emit.topic", "TOPIC", err);
    return RF_OK;
}
