/* summary.c - collects a command's figures and writes them as JSON. summary_table.c prints it for people. */
#include "rf_summary.h"

#include <stdio.h>
#include <string.h>

#include "rf_file.h"
#include "rf_json.h"
#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_time.h"

void rf_summary_clear(rf_summary *summary)
{
    for (int i = 0; i < summary->n_files; i++)
        rf_mem_free(summary->files[i]);
    *summary = (rf_summary){0};
}

void rf_summary_begin(rf_summary *summary)
{
    (void)rf_mem_peak_rss_reset(); /* where refused, the peak is the process's so far */
    summary->step_began_s = rf_monotonic_s();
}

void rf_summary_end(rf_summary *summary, const char *name)
{
    if (summary->n_steps == RF_SUMMARY_STEPS)
        return;
    summary->steps[summary->n_steps++] =
        (rf_summary_step){name, rf_monotonic_s() - summary->step_began_s, rf_mem_peak_rss()};
}

rf_status rf_summary_add_file(rf_summary *summary, const char *path, rf_err *err)
{
    for (int i = 0; i < summary->n_files; i++) {
        if (strcmp(summary->files[i], path) == 0)
            return RF_OK;
    }
    if (summary->n_files == RF_SUMMARY_FILES)
        return RF_OK;
    char *copy = rf_mem_text(path, strlen(path), err);
    if (copy == NULL)
        return RF_E_NOMEM;
    summary->files[summary->n_files++] = copy;
    return RF_OK;
}

void rf_summary_graph(rf_summary *summary, const rf_published *published)
{
    summary->has_graph = true;
    summary->kinds = published->kinds;
    memcpy(summary->rows, published->n, sizeof summary->rows);
    summary->rows[RF_USER] = published->users;
    summary->rows[RF_ENTITY] = published->entities;
    summary->rows[RF_EDGE] = published->edges;
}

/* The same work has the same id, however long it took. */
static void hash_id(char out[33], const rf_summary *s)
{
    const int64_t figures[] = {s->events.read,      s->events.accepted, s->events.rejected,
                               s->events.duplicate, s->events.late,     rf_counts_outside(&s->events),
                               s->rows[RF_USER],    s->rows[RF_ENTITY], s->rows[RF_EDGE],
                               s->epochs,           s->actions,         s->has_events,
                               s->has_training};
    uint64_t loss, hash[2] = {0x72696e6766656e63, 0x6566656e63657221};
    memcpy(&loss, &s->loss, sizeof loss);
    for (int h = 0; h < 2; h++) {
        for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
            hash[h] = rf_mix64(hash[h] ^ (uint64_t)figures[i]) + i;
        hash[h] = rf_mix64(hash[h] ^ loss);
    }
    snprintf(out, 33, "%016llx%016llx", (unsigned long long)hash[0], (unsigned long long)hash[1]);
}

static void put_seconds(rf_json *json, double seconds)
{
    rf_json_double(json, (double)(int64_t)(seconds * 1e6) / 1e6);
}

static void put_kafka(rf_json *json, const rf_summary_kafka *kafka)
{
    rf_json_key(json, "kafka");
    rf_json_map_open(json);
    if (kafka->in) {
        rf_json_put_int(json, "consumed", kafka->consumed);
        rf_json_put_int(json, "rejected", kafka->rejected);
        rf_json_put_int(json, "dead_letters", kafka->dead_letters);
        rf_json_put_int(json, "rebalances", kafka->rebalances);
        rf_json_put_int(json, "queue_peak", kafka->queue_peak);
        rf_json_put_int(json, "pauses", kafka->pauses);
        rf_json_key(json, "reading_seconds");
        put_seconds(json, kafka->reading_s);
        if (kafka->lag >= 0)
            rf_json_put_int(json, "lag", kafka->lag);
    }
    if (kafka->out) {
        rf_json_put_int(json, "produced", kafka->produced);
        rf_json_put_int(json, "aborted", kafka->aborted);
        rf_json_put_int(json, "tombstones", kafka->tombstones);
    }
    rf_json_put_int(json, "retried", kafka->retried);
    rf_json_map_close(json);
}

static void put_figures(rf_json *json, const rf_summary *summary)
{
    if (summary->has_events) {
        rf_json_key(json, "events");
        rf_json_map_open(json);
        rf_json_put_int(json, "read", summary->events.read);
        rf_json_put_int(json, "accepted", summary->events.accepted);
        rf_json_put_int(json, "rejected", summary->events.rejected);
        rf_json_put_int(json, "duplicate", summary->events.duplicate);
        rf_json_put_int(json, "late", summary->events.late);
        rf_json_put_int(json, "outside_window", rf_counts_outside(&summary->events));
        rf_json_put_int(json, "waiting", summary->events.waiting);
        rf_json_put_int(json, "expired", summary->events.expired);
        if (summary->events.filtered > 0)
            rf_json_put_int(json, "filtered", summary->events.filtered);
        rf_json_map_close(json);
    }
    for (rf_side side = 0; summary->has_graph && side < RF_SIDES; side++)
        rf_json_put_int(json, rf_side_plural(side), summary->rows[side]);
    if (summary->has_training) {
        rf_json_put_int(json, "epochs", summary->epochs);
        rf_json_key(json, "loss");
        rf_json_double(json, summary->loss);
        rf_json_put_string(json, "start", summary->warm_from[0] != '\0' ? "warm" : "cold");
        if (summary->warm_from[0] != '\0')
            rf_json_put_string(json, "warm_from", summary->warm_from);
    }
    if (summary->has_actions)
        rf_json_put_int(json, "actions", summary->actions);
    if (summary->kafka.in || summary->kafka.out)
        put_kafka(json, &summary->kafka);
}

rf_status rf_json_save(rf_json *json, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_file *file = NULL;
    const char *text;
    size_t len;
    RF_TRY(rf_json_end(json, &text, &len, err));
    RF_TRY(rf_file_create_beside(&file, path, err));
    RF_TRY(rf_file_write(file, text, len, err));
    RF_TRY(rf_file_write(file, "\n", 1, err));
    RF_TRY(rf_file_commit(file, err));
done:
    rf_file_close(&file);
    return st;
}

rf_status rf_summary_write(const rf_summary *summary, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = NULL;
    char id[33];
    RF_TRY(rf_json_new(&json, err));
    hash_id(id, summary);
    rf_json_map_open(json);
    rf_json_key(json, "run_id");
    rf_json_string(json, summary->run_id[0] != '\0' ? summary->run_id : id);
    put_figures(json, summary);
    rf_json_key(json, "steps");
    rf_json_array_open(json);
    for (int i = 0; i < summary->n_steps; i++) {
        const rf_summary_step *step = &summary->steps[i];
        rf_json_map_open(json);
        rf_json_key(json, "name");
        rf_json_string(json, step->name);
        rf_json_key(json, "seconds");
        put_seconds(json, step->seconds);
        if (step->peak_rss_bytes >= 0)
            rf_json_put_int(json, "peak_rss_bytes", step->peak_rss_bytes);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
    rf_json_key(json, "files");
    rf_json_array_open(json);
    for (int i = 0; i < summary->n_files; i++)
        rf_json_string(json, summary->files[i]);
    rf_json_array_close(json);
    rf_json_map_close(json);
    RF_TRY(rf_json_save(json, path, err));
done:
    rf_json_free(json);
    return st;
}
