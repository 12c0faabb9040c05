/* cmd_inspect.c - shows what a ringfence HDF5 file holds: format, attributes, datasets, features, positions;
 * as text, or as one JSON object a file. inspect_lag.c does `inspect lag`, inspect_hubs.c `--hubs`.
 */
#include "inspect.h"

#include <stdio.h>
#include <string.h>

#include "rf_graph.h"
#include "rf_h5.h"
#include "rf_json.h"
#include "rf_mem.h"
#include "rf_table.h"
#include "rf_time.h"

const rf_opt rf_opts_inspect[] = {
    {"json", NULL, NULL, "Prints one JSON object a file instead of text."},
    {"hubs", NULL, NULL,
     "Of graphs: the hubs of each kind, which so many users share that their edges are left out, the largest "
     "first."},
    {"hub", "ID", NULL, "Of graphs: the users that met this hub, one a line."},
    {"graph", "FILE", "graph.file", "Of `inspect lag`: the graph whose saved offsets are shown."},
    {"shards", "FOLDER", "graph.shards", "Of `inspect lag`: the folder of the shards, if there are any."},
    {0},
};

#define MOST_INTS 6

typedef enum attr_kind { ATTR_TEXT, ATTR_INT, ATTR_REAL, ATTR_TIME } attr_kind;

/* The attributes that the formats have; a file shows those it carries. */
static const struct {
    const char *on, *name;
    attr_kind kind;
    int n; /* of ATTR_INT */
} known[] = {
    {"/", "format", ATTR_TEXT, 1},
    {"/", "version", ATTR_INT, 1},
    {"/", "created_at", ATTR_TEXT, 1},
    {"/", "granularity", ATTR_TEXT, 1},
    {"/", "kinds", ATTR_TEXT, 1},
    {"/", "window_from", ATTR_TIME, 1},
    {"/", "window_to", ATTR_TIME, 1},
    {"/", "run_id", ATTR_TEXT, 1},
    {"/", "agg", ATTR_TEXT, 1},
    {"/", "eta", ATTR_REAL, 1},
    {"/", "frozen", ATTR_INT, 1},
    {"/", "model_id", ATTR_TEXT, 1},
    {"/", "model_trained_at", ATTR_TIME, 1},
    {"/model", "kinds", ATTR_TEXT, 1},
    {"/model", "gate", ATTR_TEXT, 1},
    {"/model", "in_channels", ATTR_INT, 3},
    {"/model", "hidden_channels", ATTR_INT, 3},
    {"/model", "latent_channels", ATTR_INT, 2},
    {"/model", "edge_pred_latent", ATTR_INT, 1},
    {"/model", "n_layers_encoder", ATTR_INT, 1},
    {"/model", "n_layers_decoder", ATTR_INT, 1},
    {"/model", "n_layers_mlp", ATTR_INT, 1},
    {"/optimizer", "epoch", ATTR_INT, 1},
    {"/optimizer", "loss", ATTR_REAL, 1},
    {"/optimizer", "stopped_early", ATTR_INT, 1},
    {"/optimizer", "peak_epoch", ATTR_INT, 1},
    {"/optimizer", "ended_by", ATTR_TEXT, 1},
    {"/optimizer", "warm_from", ATTR_TEXT, 1},
    {"/optimizer", "warm_goal", ATTR_REAL, 1},
    {"/optimizer", "options", ATTR_TEXT, 1},
    {"/optimizer", "graph", ATTR_TEXT, 1},
    {"/tags", "rules_name", ATTR_TEXT, 1},
    {"/tags", "rules_version", ATTR_INT, 1},
    {"/tags", "rules_hash", ATTR_TEXT, 1},
    {"/clusters", "run_id", ATTR_TEXT, 1},
    {"/clusters", "previous_run_id", ATTR_TEXT, 1},
    {"/state", "newest_us", ATTR_TIME, 1},
    {"/state", "kept_from_us", ATTR_TIME, 1},
    {"/state", "counts", ATTR_INT, 6},
};

typedef struct page { /* one of the two is used */
    rf_json *json;
    rf_text *text;
    rf_table *table;
    rf_h5 *file;
    rf_kinds kinds; /* that the file lists */
} page;

/* ---- attributes ---- */

static rf_status show_text(page *to, const char *name, const char *value, rf_err *err)
{
    if (to->json == NULL)
        return rf_text_printf(to->text, err, "  %-18s %s\n", name, value);
    rf_json_key(to->json, name);
    rf_json_string(to->json, value);
    return RF_OK;
}

static rf_status show_ints(page *to, const char *name, const int64_t *values, int n, rf_err *err)
{
    rf_status st = RF_OK;
    if (to->json != NULL) {
        rf_json_key(to->json, name);
        if (n > 1)
            rf_json_array_open(to->json);
        for (int i = 0; i < n; i++)
            rf_json_int(to->json, values[i]);
        if (n > 1)
            rf_json_array_close(to->json);
        return RF_OK;
    }
    RF_TRY(rf_text_printf(to->text, err, "  %-18s", name));
    for (int i = 0; i < n; i++)
        RF_TRY(rf_text_printf(to->text, err, " %lld", (long long)values[i]));
    RF_TRY(rf_text_add(to->text, "\n", 1, err));
done:
    return st;
}

static rf_status show_attr(page *to, size_t i, rf_err *err)
{
    rf_status st = RF_OK;
    const char *on = known[i].on, *name = known[i].name;
    char *text = NULL;
    int64_t ints[MOST_INTS];
    double real;
    char number[32], moment[RF_TIME_TEXT];
    switch (known[i].kind) {
    case ATTR_TEXT:
        RF_TRY(rf_h5_read_attr_text(to->file, on, name, &text, err));
        RF_TRY(show_text(to, name, text, err));
        break;
    case ATTR_REAL:
        RF_TRY(rf_h5_read_attr_double(to->file, on, name, &real, err));
        if (to->json != NULL)
            rf_json_put_double(to->json, name, real);
        else
            RF_TRY(show_text(to, name, rf_double_format(number, real), err));
        break;
    case ATTR_INT:
        RF_TRY(rf_h5_read_attr_int(to->file, on, name, ints, known[i].n, err));
        RF_TRY(show_ints(to, name, ints, known[i].n, err));
        break;
    case ATTR_TIME: /* outside the calendar it means "none" (an empty state, an unbounded window) */
        RF_TRY(rf_h5_read_attr_int(to->file, on, name, ints, 1, err));
        if (ints[0] == 0 && strcmp(name, "model_trained_at") == 0)
            RF_TRY(show_text(to, name, "unknown", err));
        else if (ints[0] >= RF_TIME_MIN && ints[0] < RF_TIME_MAX)
            RF_TRY(show_text(to, name, rf_time_format(moment, ints[0]), err));
        else
            RF_TRY(show_ints(to, name, ints, 1, err));
        break;
    }
done:
    rf_mem_free(text);
    return st;
}

static rf_status show_attrs(page *to, const char *on, rf_err *err)
{
    rf_status st = RF_OK;
    bool any = false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].on, on) != 0 || (strcmp(on, "/") != 0 && !rf_h5_exists(to->file, on)) ||
            !rf_h5_has_attr(to->file, on, known[i].name))
            continue;
        if (!any && strcmp(on, "/") != 0 && to->json == NULL)
            RF_TRY(rf_text_printf(to->text, err, "\n%s\n", on));
        if (!any && strcmp(on, "/") != 0 && to->json != NULL) {
            rf_json_key(to->json, on + 1);
            rf_json_map_open(to->json);
        }
        any = true;
        RF_TRY(show_attr(to, i, err));
    }
    if (any && strcmp(on, "/") != 0 && to->json != NULL)
        rf_json_map_close(to->json);
done:
    return st;
}

/* ---- datasets ---- */

static rf_status visit(void *context, const char *name, int rank, const int64_t *dims, const char *type_name,
                       rf_err *err)
{
    rf_status st = RF_OK;
    page *to = context;
    char shape[96] = "";
    int len = 0;
    if (rank < 0)
        return RF_OK;
    if (to->json != NULL) {
        rf_json_map_open(to->json);
        rf_json_key(to->json, "name");
        rf_json_string(to->json, name);
        rf_json_key(to->json, "type");
        rf_json_string(to->json, type_name);
        rf_json_key(to->json, "shape");
        rf_json_array_open(to->json);
        for (int i = 0; i < rank; i++)
            rf_json_int(to->json, dims[i]);
        rf_json_array_close(to->json);
        rf_json_map_close(to->json);
        return RF_OK;
    }
    for (int i = 0; i < rank && i < 4; i++)
        len += snprintf(shape + len, sizeof shape - (size_t)len, "%s%lld", i == 0 ? "" : " x ",
                        (long long)dims[i]);
    RF_TRY(rf_table_add(to->table, name, err));
    RF_TRY(rf_table_add(to->table, type_name, err));
    RF_TRY(rf_table_add(to->table, shape, err));
done:
    return st;
}

static rf_status show_datasets(page *to, rf_err *err)
{
    static const char *const heads[] = {"dataset", "type", "shape"};
    rf_status st = RF_OK;
    if (to->json != NULL) {
        rf_json_key(to->json, "datasets");
        rf_json_array_open(to->json);
        RF_TRY(rf_h5_visit(to->file, "/", visit, to, err));
        rf_json_array_close(to->json);
        goto done;
    }
    RF_TRY(rf_table_new(&to->table, "lll", heads, err));
    RF_TRY(rf_h5_visit(to->file, "/", visit, to, err));
    RF_TRY(rf_text_add(to->text, "\n", 1, err));
    RF_TRY(rf_table_print(to->text, to->table, err));
done:
    return st;
}

/* ---- names of features, positions of inputs ---- */

/* "user", "entity", "device entity" and so on, with an underscore between in keys. */
static const char *side_words(char out[48], const rf_kinds *kinds, rf_side side, const char *role, char gap)
{
    if (rf_side_kind(side) == 0)
        snprintf(out, 48, "%s", role);
    else
        snprintf(out, 48, "%s%c%s", rf_kind_name(kinds, rf_side_kind(side)), gap, role);
    return out;
}

static rf_status show_names(page *to, const char *dataset, const char *title, rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts names = {0};
    if (!rf_h5_exists(to->file, dataset))
        return RF_OK;
    RF_TRY(rf_h5_read_texts(to->file, dataset, &names, err));
    if (to->json != NULL) {
        rf_json_key(to->json, title);
        rf_json_array_open(to->json);
    } else if (names.n > 0) {
        RF_TRY(rf_text_printf(to->text, err, "\n%s (%lld)\n", title, (long long)names.n));
    }
    for (int64_t k = 0; k < names.n; k++) {
        if (to->json != NULL)
            rf_json_string(to->json, rf_texts_get(&names, k));
        else
            RF_TRY(rf_text_printf(to->text, err, "  %s\n", rf_texts_get(&names, k)));
    }
    if (to->json != NULL)
        rf_json_array_close(to->json);
done:
    rf_texts_clear(&names);
    return st;
}

/* Names of features, used and dropped. */
static rf_status show_features(page *to, rf_err *err)
{
    rf_status st = RF_OK;
    char dataset[RF_SIDE_PATH], words[48], title[80];
    for (int dropped = 0; dropped < 2; dropped++) {
        for (rf_side side = 0; side < rf_sides(&to->kinds); side++) {
            rf_side_path(dataset, &to->kinds, side, dropped ? "dropped" : "feature_names");
            snprintf(title, sizeof title, "%s%s features", dropped ? "dropped " : "",
                     side_words(words, &to->kinds, side, rf_side_name(side), ' '));
            RF_TRY(show_names(to, dataset, title, err));
        }
    }
done:
    return st;
}

enum { AT_PARTITION, AT_OFFSET, AT_LINE, AT_RECORDS, AT_COLUMNS = 5 };

static rf_status show_position(page *to, const char *name, const int64_t *row, rf_err *err)
{
    if (to->json == NULL)
        return rf_text_printf(to->text, err, "  %s: byte %lld, line %lld, %s\n", name,
                              (long long)row[AT_OFFSET], (long long)row[AT_LINE],
                              RF_THINGS(row[AT_RECORDS], "record"));
    rf_json_map_open(to->json);
    rf_json_put_string(to->json, "name", name);
    rf_json_put_int(to->json, "partition", row[AT_PARTITION]);
    rf_json_put_int(to->json, "offset", row[AT_OFFSET]);
    rf_json_put_int(to->json, "line", row[AT_LINE]);
    rf_json_put_int(to->json, "records", row[AT_RECORDS]);
    rf_json_map_close(to->json);
    return RF_OK;
}

static rf_status show_positions(page *to, rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts names = {0};
    int rank;
    int64_t dims[4], row[AT_COLUMNS];
    if (!rf_h5_exists(to->file, "/state/positions/name") || !rf_h5_exists(to->file, "/state/positions/at"))
        return RF_OK;
    RF_TRY(rf_h5_read_texts(to->file, "/state/positions/name", &names, err));
    RF_TRY(rf_h5_shape(to->file, "/state/positions/at", &rank, dims, err));
    if (rank != 2 || dims[0] != names.n || dims[1] != AT_COLUMNS)
        RF_FAIL(err, RF_E_FORMAT, "%s: /state/positions is damaged; build again with --rebuild",
                rf_h5_path(to->file));
    if (to->json != NULL) {
        rf_json_key(to->json, "positions");
        rf_json_array_open(to->json);
    } else {
        RF_TRY(rf_text_printf(to->text, err, "\ninputs read so far\n"));
    }
    for (int64_t i = 0; i < names.n; i++) {
        RF_TRY(rf_h5_read_rows(to->file, "/state/positions/at", RF_H5_I64, i, 1, row, err));
        RF_TRY(show_position(to, rf_texts_get(&names, i), row, err));
    }
    if (to->json != NULL)
        rf_json_array_close(to->json);
done:
    rf_texts_clear(&names);
    return st;
}

/* Of Kafka topics: where reading continues, and whose offsets that is. */
typedef struct offsets {
    rf_texts topics, clusters, ids; /* the last two empty where they are not known */
} offsets;

/* "" where it is not known. */
static const char *said(const rf_texts *texts, int64_t i)
{
    return i < texts->n ? rf_texts_get(texts, i) : "";
}

static rf_status show_offset(page *to, const offsets *all, int64_t i, int32_t partition, int64_t next,
                             rf_err *err)
{
    const char *topic = rf_texts_get(&all->topics, i), *cluster = said(&all->clusters, i);
    const char *id = said(&all->ids, i);
    if (to->json == NULL)
        return rf_text_printf(to->text, err, "  %s[%d]: offset %lld%s%s\n", topic, (int)partition,
                              (long long)next, cluster[0] == '\0' ? "" : ", cluster ", cluster);
    rf_json_map_open(to->json);
    rf_json_put_string(to->json, "topic", topic);
    rf_json_put_int(to->json, "partition", partition);
    rf_json_put_int(to->json, "next", next);
    if (cluster[0] != '\0')
        rf_json_put_string(to->json, "cluster", cluster);
    if (id[0] != '\0')
        rf_json_put_string(to->json, "topic_id", id);
    rf_json_map_close(to->json);
    return RF_OK;
}

static rf_status read_if_there(rf_texts *out, rf_h5 *file, const char *name, rf_err *err)
{
    return rf_h5_exists(file, name) ? rf_h5_read_texts(file, name, out, err) : RF_OK;
}

static rf_status show_offsets(page *to, rf_err *err)
{
    rf_status st = RF_OK;
    offsets all = {0};
    int32_t partition;
    int64_t next;
    if (!rf_h5_exists(to->file, "/state/offsets"))
        return RF_OK;
    RF_TRY(rf_h5_read_texts(to->file, "/state/offsets/topic", &all.topics, err));
    RF_TRY(read_if_there(&all.clusters, to->file, "/state/offsets/cluster", err));
    RF_TRY(read_if_there(&all.ids, to->file, "/state/offsets/topic_id", err));
    if (to->json != NULL) {
        rf_json_key(to->json, "offsets");
        rf_json_array_open(to->json);
    } else {
        RF_TRY(rf_text_printf(to->text, err, "\ntopics read so far\n"));
    }
    for (int64_t i = 0; i < all.topics.n; i++) {
        RF_TRY(rf_h5_read_rows(to->file, "/state/offsets/partition", RF_H5_I32, i, 1, &partition, err));
        RF_TRY(rf_h5_read_rows(to->file, "/state/offsets/next", RF_H5_I64, i, 1, &next, err));
        RF_TRY(show_offset(to, &all, i, partition, next, err));
    }
    if (to->json != NULL)
        rf_json_array_close(to->json);
done:
    rf_texts_clear(&all.topics);
    rf_texts_clear(&all.clusters);
    rf_texts_clear(&all.ids);
    return st;
}

/* ---- one file ---- */

static rf_status rows_of(page *to, const char *dataset, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    int rank;
    int64_t dims[4];
    if (!rf_h5_exists(to->file, dataset))
        return RF_OK;
    RF_TRY(rf_h5_shape(to->file, dataset, &rank, dims, err));
    if (rank >= 1)
        RF_TRY(show_ints(to, name, dims, 1, err));
done:
    return st;
}

/* Entities whose edges are left out because too many users share them. */
static rf_status show_hubs(page *to, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    char dataset[RF_SIDE_PATH], name[48];
    uint8_t *hub = NULL;
    int rank;
    int64_t dims[4], n = 0;
    rf_side_path(dataset, &to->kinds, side, "hub");
    if (!rf_h5_exists(to->file, dataset))
        return RF_OK;
    RF_TRY(rf_h5_shape(to->file, dataset, &rank, dims, err));
    if (rank != 1)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s is no column", rf_h5_path(to->file), dataset);
    RF_NEW(hub, dims[0], err);
    RF_TRY(rf_h5_read(to->file, dataset, RF_H5_U8, 1, dims, hub, err));
    for (int64_t i = 0; i < dims[0]; i++)
        n += hub[i] != 0;
    RF_TRY(show_ints(to, side_words(name, &to->kinds, side, "hubs", '_'), &n, 1, err));
done:
    rf_mem_free(hub);
    return st;
}

static rf_status show_counts(page *to, rf_err *err)
{
    rf_status st = RF_OK;
    bool graph = rf_h5_exists(to->file, "/e/u");
    char dataset[RF_SIDE_PATH], role[32], name[48];
    for (rf_side side = 0; side < rf_sides(&to->kinds); side++) {
        const char *rows = !graph ? "score" : rf_side_role(side) == RF_EDGE ? "u" : "x";
        rf_side_path(dataset, &to->kinds, side, rows);
        RF_TRY(rows_of(to, dataset, side_words(name, &to->kinds, side, rf_side_plural(side), '_'), err));
        if (rf_side_role(side) == RF_ENTITY)
            RF_TRY(show_hubs(to, side, err));
    }
    for (rf_side side = 0; side < rf_sides(&to->kinds); side++) {
        rf_side_path(dataset, &to->kinds, side, "tag_rule");
        snprintf(role, sizeof role, "%s_tags", rf_side_name(side));
        RF_TRY(rows_of(to, dataset, side_words(name, &to->kinds, side, role, '_'), err));
    }
    RF_TRY(rows_of(to, "/clusters/id", "clusters", err));
    RF_TRY(rows_of(to, "/current/id", "clusters", err));
done:
    return st;
}

static rf_status inspect(page *to, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_h5_open(&to->file, path, err));
    if (!rf_h5_has_attr(to->file, "/", "format"))
        RF_FAIL(err, RF_E_FORMAT, "%s: has no root attribute \"format\": it is not a ringfence file", path);
    RF_TRY(rf_graph_kinds(&to->kinds, to->file, err));
    if (to->json != NULL) {
        rf_json_map_open(to->json);
        rf_json_key(to->json, "file");
        rf_json_string(to->json, path);
    } else {
        RF_TRY(rf_text_printf(to->text, err, "%s%s\n", to->text->len == 0 ? "" : "\n", path));
    }
    RF_TRY(show_attrs(to, "/", err));
    RF_TRY(show_counts(to, err));
    RF_TRY(show_attrs(to, "/tags", err));
    RF_TRY(show_attrs(to, "/clusters", err));
    RF_TRY(show_attrs(to, "/model", err));
    RF_TRY(show_attrs(to, "/optimizer", err));
    RF_TRY(show_attrs(to, "/state", err));
    RF_TRY(show_positions(to, err));
    RF_TRY(show_offsets(to, err));
    RF_TRY(show_features(to, err));
    RF_TRY(show_datasets(to, err));
    if (to->json != NULL)
        rf_json_map_close(to->json);
done:
    rf_table_free(to->table);
    rf_h5_close(&to->file);
    return st;
}

rf_status rf_cmd_inspect(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    rf_json *json = NULL;
    if (cli->args.n_rest == 0)
        RF_FAIL(err, RF_E_INVALID, "inspect needs a file; `ringfence inspect graph.h5`");
    if (cli->args.n_rest == 1 && strcmp(cli->args.rest[0], "lag") == 0) {
        RF_TRY(rf_inspect_lag(&text, &cli->job, rf_args_has(&cli->args, "json"), err));
        RF_TRY(rf_cli_print(&text, err));
        goto done;
    }
    if (rf_args_has(&cli->args, "hubs") || rf_args_has(&cli->args, "hub")) {
        RF_TRY(rf_inspect_hubs(&text, &cli->args, err));
        RF_TRY(rf_cli_print(&text, err));
        goto done;
    }
    for (int i = 0; i < cli->args.n_rest; i++) {
        page to = {.text = &text};
        if (!rf_args_has(&cli->args, "json")) {
            RF_TRY(inspect(&to, cli->args.rest[i], err));
            continue;
        }
        rf_json_free(json);
        RF_TRY(rf_json_new(&json, err));
        to.json = json;
        RF_TRY(inspect(&to, cli->args.rest[i], err));
        RF_TRY(rf_cli_add_json(&text, json, err));
    }
    RF_TRY(rf_cli_print(&text, err));
done:
    rf_json_free(json);
    rf_text_clear(&text);
    return st;
}
