/* alert_history.c - looks up in alerts.h5 what was said of a user, an entity or a cluster before. */
#include "rf_alert_history.h"

#include <string.h>

#include "alert_memory_int.h"
#include "message_int.h"
#include "rf_mem.h"

typedef struct past { /* one run */
    rf_idmap *subjects;
    const rf_memory_entry **entry; /* of each */
} past;

struct rf_alert_history {
    rf_memory previous, current;
    past past[RF_PAST_RUNS]; /* the latest first */
    int n;
    rf_text subject; /* that is looked for */
};

/* Every subject once: as its own source knew it, else as another did. */
static rf_status learn(rf_alert_history *history, const rf_memory *memory, const char *source,
                       const rf_kinds *kinds, rf_err *err)
{
    rf_status st = RF_OK;
    char word[RF_MEMORY_WORD];
    past *run = &history->past[history->n++];
    RF_TRY(rf_idmap_new(&run->subjects, err));
    RF_NEW(run->entry, memory->n, err);
    for (int others = 0; others <= 1; others++) {
        for (int64_t i = 0; i < memory->n; i++) {
            const rf_memory_entry *entry = &memory->at[i];
            uint32_t number;
            int is_new;
            if ((strcmp(entry->source, source) != 0) != (others == 1))
                continue;
            RF_TRY(rf_subject_of(&history->subject, rf_memory_word(word, entry, kinds), entry->key,
                                 strlen(entry->key), err));
            RF_TRY(rf_idmap_intern(run->subjects, history->subject.ptr, history->subject.len, &number,
                                   &is_new, err));
            if (is_new)
                run->entry[number] = entry;
        }
    }
done:
    return st;
}

rf_status rf_alert_history_load(rf_alert_history **out, const char *path, const char *source,
                                const char *run_id, const rf_kinds *kinds, rf_err *err)
{
    rf_status st = RF_OK;
    rf_alert_history *history = NULL;
    RF_ZERO(history, 1, err);
    RF_TRY(rf_memory_load(&history->previous, &history->current, path, err));
    const rf_memory *both[] = {&history->current, &history->previous};
    for (int i = 0; i < 2; i++) {
        if (both[i]->run_id[0] != '\0' && strcmp(both[i]->run_id, run_id) != 0)
            RF_TRY(learn(history, both[i], source, kinds, err));
    }
    *out = history;
    history = NULL;
done:
    rf_alert_history_free(history);
    return st;
}

void rf_alert_history_free(rf_alert_history *history)
{
    if (history == NULL)
        return;
    for (int i = 0; i < history->n; i++) {
        rf_idmap_free(history->past[i].subjects);
        rf_mem_free(history->past[i].entry);
    }
    rf_memory_clear(&history->previous);
    rf_memory_clear(&history->current);
    rf_text_clear(&history->subject);
    rf_mem_free(history);
}

/* What the remembered runs say of history->subject, each emission once. */
static void find(rf_past *out, const rf_alert_history *history)
{
    for (int i = 0; i < history->n; i++) {
        uint32_t number =
            rf_idmap_find(history->past[i].subjects, history->subject.ptr, history->subject.len);
        if (number == RF_NO_ID)
            continue;
        const rf_memory_entry *entry = history->past[i].entry[number];
        if (out->n > 0 && out->run[out->n - 1].at_us == entry->last_us)
            continue;
        if (out->n == 0) {
            out->first_us = entry->first_us;
            out->times = entry->times;
        }
        out->run[out->n++] = (rf_past_run){.at_us = entry->last_us,
                                           .score = entry->last_score,
                                           .percentile = entry->last_percentile,
                                           .members = entry->members,
                                           .gone = entry->missed > 0};
    }
}

static rf_status look_up(rf_past *out, rf_alert_history *history, const char *word, const char *key,
                         rf_err *err)
{
    rf_status st = RF_OK;
    *out = (rf_past){0};
    if (history == NULL || history->n == 0)
        return RF_OK;
    RF_TRY(rf_subject_of(&history->subject, word, key, strlen(key), err));
    find(out, history);
done:
    return st;
}

rf_status rf_alert_history_of(rf_past *out, rf_alert_history *history, const rf_graph *graph, rf_side side,
                              int64_t row, rf_err *err)
{
    char word[RF_SUBJECT_WORD], number[32];
    return look_up(out, history, rf_subject_word(word, &graph->kinds, side),
                   rf_graph_id(&graph->side[side], row, number), err);
}

rf_status rf_alert_history_of_cluster(rf_past *out, rf_alert_history *history, const char *id, rf_err *err)
{
    return look_up(out, history, "cluster", id, err);
}
