/* summary_table.c - the summary for people: figures, time and memory of each step, files. summary.c writes it
 * as JSON.
 */
#include "rf_summary.h"

#include "rf_table.h"

rf_status rf_counts_print(rf_text *text, const rf_counts *counts, rf_err *err)
{
    const struct {
        const char *word, *meaning;
        int64_t n;
    } fates[] = {{"accepted", "in the window", counts->accepted},
                 {"rejected", "bad records", counts->rejected},
                 {"filtered", "not wanted by source.where, or without an event", counts->filtered},
                 {"waiting", "after the window, kept for a later build", counts->waiting},
                 {"expired", "older than the window", counts->expired},
                 {"late", "older than what earlier builds have kept", counts->late},
                 {"duplicate", "of an event id read before", counts->duplicate}};
    enum { FATES = sizeof fates / sizeof *fates };
    rf_status st = RF_OK;
    const char *before = "";
    bool all_accepted = true;
    char n[32];
    for (int i = 0; i < FATES; i++) {
        if (i > 1 && fates[i].n == 0)
            continue;
        RF_TRY(rf_text_printf(text, err, "%s%s %s", before, rf_count_format(n, fates[i].n), fates[i].word));
        all_accepted = all_accepted && (i == 0 || fates[i].n == 0);
        before = ", ";
    }
    before = " (";
    for (int i = 0; i < FATES && !all_accepted; i++) {
        if (i > 0 && fates[i].n == 0)
            continue;
        RF_TRY(rf_text_printf(text, err, "%s%s: %s", before, fates[i].word, fates[i].meaning));
        before = "; ";
    }
    if (!all_accepted)
        RF_TRY(rf_text_printf(text, err, ")"));
done:
    return st;
}

/* "graph     488 users, 33 entities, 3,943 edges"; "..., 3,943 edges to 33 merchants, 678 to 648 devices" */
static rf_status print_graph(rf_text *text, const rf_summary *s, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(text, err, "graph     %s", RF_THINGS(s->rows[RF_USER], "user")));
    if (s->kinds.n == 0)
        RF_TRY(rf_text_printf(text, err, ", %s, %s", RF_THINGS(s->rows[RF_ENTITY], "entity"),
                              RF_THINGS(s->rows[RF_EDGE], "edge")));
    for (int k = 0; k < s->kinds.n; k++) {
        const int64_t edges = s->rows[rf_edge_side(k)];
        RF_TRY(rf_text_printf(text, err, ", %s to %s", k == 0 ? RF_THINGS(edges, "edge") : RF_COUNT(edges),
                              RF_THINGS(s->rows[rf_entity_side(k)], rf_kind_name(&s->kinds, k))));
    }
    RF_TRY(rf_text_printf(text, err, "\n"));
done:
    return st;
}

static rf_status print_figures(rf_text *text, const rf_summary *s, rf_err *err)
{
    rf_status st = RF_OK;
    char loss[32];
    if (s->has_events) {
        RF_TRY(rf_text_printf(text, err, "events    %s read: ", RF_COUNT(s->events.read)));
        RF_TRY(rf_counts_print(text, &s->events, err));
        RF_TRY(rf_text_printf(text, err, "\n"));
    }
    if (s->has_graph)
        RF_TRY(print_graph(text, s, err));
    if (s->has_training)
        RF_TRY(rf_text_printf(text, err, "training  %s, loss %s%s%s\n", RF_THINGS(s->epochs, "epoch"),
                              rf_figure_format(loss, s->loss), s->warm_from[0] != '\0' ? ", from model " : "",
                              s->warm_from));
    if (s->has_actions)
        RF_TRY(rf_text_printf(text, err, "actions   %s\n", RF_COUNT(s->actions)));
    if (s->kafka.in)
        RF_TRY(rf_text_printf(text, err, "kafka in  %s, %s rejected, %s behind the end, %s\n",
                              RF_THINGS(s->kafka.consumed, "message"), RF_COUNT(s->kafka.rejected),
                              s->kafka.lag < 0 ? "unknown how far" : RF_COUNT(s->kafka.lag),
                              RF_THINGS(s->kafka.rebalances, "rebalance")));
    if (s->kafka.out)
        RF_TRY(rf_text_printf(text, err, "kafka out %s, %s of them tombstones, %s\n",
                              RF_THINGS(s->kafka.produced, "message"), RF_COUNT(s->kafka.tombstones),
                              RF_THINGS(s->kafka.aborted, "aborted transaction")));
done:
    return st;
}

static rf_status print_steps(rf_text *text, const rf_summary *summary, rf_err *err)
{
    static const char *const heads[] = {"step", "time", "peak memory"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    double seconds = 0;
    int64_t peak = -1;
    char cell[32];
    RF_TRY(rf_table_new(&table, "lrr", heads, err));
    for (int i = 0; i < summary->n_steps; i++) {
        const rf_summary_step *step = &summary->steps[i];
        seconds += step->seconds;
        peak = step->peak_rss_bytes > peak ? step->peak_rss_bytes : peak;
        RF_TRY(rf_table_add(table, step->name, err));
        RF_TRY(rf_table_add(table, rf_seconds_format(cell, step->seconds), err));
        RF_TRY(rf_table_add(table, rf_bytes_format(cell, step->peak_rss_bytes), err));
    }
    RF_TRY(rf_table_add(table, "all", err));
    RF_TRY(rf_table_add(table, rf_seconds_format(cell, seconds), err));
    RF_TRY(rf_table_add(table, rf_bytes_format(cell, peak), err));
    RF_TRY(rf_text_printf(text, err, "%sTime and memory\n\n", text->len == 0 ? "" : "\n"));
    RF_TRY(rf_table_print(text, table, err));
done:
    rf_table_free(table);
    return st;
}

rf_status rf_summary_print(rf_text *text, const rf_summary *summary, rf_err *err)
{
    rf_status st = RF_OK;
    if (text->len > 0)
        RF_TRY(rf_text_add(text, "\n", 1, err));
    RF_TRY(print_figures(text, summary, err));
    RF_TRY(print_steps(text, summary, err));
    RF_TRY(rf_text_printf(text, err, "\nFiles\n\n"));
    for (int i = 0; i < summary->n_files; i++)
        RF_TRY(rf_text_printf(text, err, "%s\n", summary->files[i]));
done:
    return st;
}
