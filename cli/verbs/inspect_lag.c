/* inspect_lag.c - `inspect lag`: for every partition what the broker holds, what the group has committed, and
 * up to where our state is saved. Joins no group and changes nothing, so it can be asked while a build runs.
 *
 * What counts is `saved`: a build continues there. `committed` is what other tools see; it trails.
 */
#include "inspect.h"

#include <stdio.h>
#include <string.h>

#include "cli_int.h"
#include "rf_file.h"
#include "rf_h5.h"
#include "rf_json.h"
#include "rf_kafka_lag.h"
#include "rf_mem.h"
#include "rf_shard.h"
#include "rf_table.h"

/* ---- what is saved ---- */

static rf_status read_offsets(rf_kafka_lag *lag, int n, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts topics = {0};
    int rank[2];
    int64_t partitions[4], offsets[4], next;
    int32_t partition;
    RF_TRY(rf_h5_read_texts(file, "/state/offsets/topic", &topics, err));
    RF_TRY(rf_h5_shape(file, "/state/offsets/partition", &rank[0], partitions, err));
    RF_TRY(rf_h5_shape(file, "/state/offsets/next", &rank[1], offsets, err));
    if (rank[0] != 1 || rank[1] != 1 || partitions[0] != topics.n || offsets[0] != topics.n)
        RF_FAIL(err, RF_E_FORMAT, "%s: /state/offsets is damaged; build again with --rebuild",
                rf_h5_path(file));
    for (int64_t i = 0; i < topics.n; i++) {
        RF_TRY(rf_h5_read_rows(file, "/state/offsets/partition", RF_H5_I32, i, 1, &partition, err));
        RF_TRY(rf_h5_read_rows(file, "/state/offsets/next", RF_H5_I64, i, 1, &next, err));
        for (int k = 0; k < n; k++) {
            if (lag[k].partition == partition && strcmp(lag[k].topic, rf_texts_get(&topics, i)) == 0)
                lag[k].saved = next;
        }
    }
done:
    rf_texts_clear(&topics);
    return st;
}

/* The state that the next build would go on from: a half-built one before a completed one. */
static rf_status saved_in_graph(rf_kafka_lag *lag, int n, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text building = {0};
    rf_h5 *file = NULL;
    RF_TRY(rf_text_printf(&building, err, "%s.building", path));
    if (rf_path_exists(building.ptr))
        path = building.ptr;
    else if (!rf_path_exists(path))
        goto done;
    RF_TRY(rf_h5_open(&file, path, err));
    if (rf_h5_exists(file, "/state/offsets"))
        RF_TRY(read_offsets(lag, n, file, err));
done:
    rf_h5_close(&file);
    rf_text_clear(&building);
    return st;
}

/* ---- what it comes to ---- */

/* Messages that a build would still read, and those that it never will: deleted before it came to them. */
static int64_t behind(const rf_kafka_lag *lag)
{
    int64_t from = lag->saved > lag->low ? lag->saved : lag->low;
    return lag->high > from ? lag->high - from : 0;
}

static int64_t missed(const rf_kafka_lag *lag)
{
    return lag->saved >= 0 && lag->saved < lag->low ? lag->low - lag->saved : 0;
}

static void put_offset(rf_json *json, const char *key, int64_t value)
{
    rf_json_key(json, key);
    if (value < 0)
        rf_json_null(json);
    else
        rf_json_int(json, value);
}

static rf_status print_json(rf_text *text, const rf_kafka_lag *lag, int n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = NULL;
    int64_t all = 0, gone = 0;
    RF_TRY(rf_json_new(&json, err));
    rf_json_map_open(json);
    rf_json_key(json, "partitions");
    rf_json_array_open(json);
    for (int i = 0; i < n; i++) {
        rf_json_map_open(json);
        rf_json_key(json, "topic");
        rf_json_string(json, lag[i].topic);
        put_offset(json, "partition", lag[i].partition);
        put_offset(json, "low", lag[i].low);
        put_offset(json, "high", lag[i].high);
        put_offset(json, "committed", lag[i].committed);
        put_offset(json, "saved", lag[i].saved);
        put_offset(json, "lag", behind(&lag[i]));
        put_offset(json, "missed", missed(&lag[i]));
        rf_json_map_close(json);
        all += behind(&lag[i]);
        gone += missed(&lag[i]);
    }
    rf_json_array_close(json);
    put_offset(json, "lag", all);
    put_offset(json, "missed", gone);
    rf_json_map_close(json);
    RF_TRY(rf_cli_add_json(text, json, err));
done:
    rf_json_free(json);
    return st;
}

static rf_status print_table(rf_text *text, const rf_kafka_lag *lag, int n, rf_err *err)
{
    static const char *const heads[] = {"partition", "low", "high", "committed", "saved", "lag", "missed"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    rf_text name = {0};
    int64_t all = 0, gone = 0;
    char cell[32];
    RF_TRY(rf_table_new(&table, "lrrrrrr", heads, err));
    for (int i = 0; i < n; i++) {
        const int64_t figures[6] = {lag[i].low,   lag[i].high,     lag[i].committed,
                                    lag[i].saved, behind(&lag[i]), missed(&lag[i])};
        rf_text_reset(&name);
        RF_TRY(rf_text_printf(&name, err, "%s[%d]", lag[i].topic, (int)lag[i].partition));
        RF_TRY(rf_table_add(table, name.ptr, err));
        for (int k = 0; k < 6; k++)
            RF_TRY(rf_table_add(table, figures[k] < 0 ? "-" : rf_count_format(cell, figures[k]), err));
        all += figures[4];
        gone += figures[5];
    }
    RF_TRY(rf_table_add(table, "all", err));
    for (int k = 0; k < 4; k++)
        RF_TRY(rf_table_add(table, "", err));
    RF_TRY(rf_table_add(table, rf_count_format(cell, all), err));
    RF_TRY(rf_table_add(table, rf_count_format(cell, gone), err));
    RF_TRY(rf_table_print(text, table, err));
done:
    rf_text_clear(&name);
    rf_table_free(table);
    return st;
}

rf_status rf_inspect_lag(rf_text *text, rf_job *job, bool as_json, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_settings *settings = job->settings;
    rf_kafka_lag *lag = NULL;
    int n = 0;
    RF_TRY(rf_settings_check_source(job->settings, err));
    if (settings->source.type != RF_SOURCE_KAFKA)
        RF_FAIL(err, RF_E_INVALID,
                "`inspect lag` is about Kafka topics, but source.type is not kafka; name the "
                "configuration of a Kafka job with --config FILE");
    RF_TRY(rf_kafka_lag_read(&lag, &n, &settings->source.kafka, err));
    for (int i = 0; settings->files.shards != NULL && i < n; i++)
        RF_TRY(rf_shard_offset(settings->files.shards, lag[i].topic, lag[i].partition, &lag[i].saved, err));
    if (settings->files.shards == NULL)
        RF_TRY(saved_in_graph(lag, n, settings->files.graph, err));
    RF_TRY(as_json ? print_json(text, lag, n, err) : print_table(text, lag, n, err));
done:
    rf_kafka_lag_free(lag, n);
    return st;
}
