/* report_clusters.c - clusters for people: which are worst, what they look like, what changed; 100 columns.
 */
#include "rf_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_table.h"

#define LONGEST_ENTITY 12 /* characters of a common entity's id */
#define LONGEST_TAG 18

/* The text's first `most` characters; "~" replaces the rest. */
static const char *shortened(char out[96], const char *text, int most)
{
    int width = 0;
    size_t len = 0;
    while (text[len] != '\0' && len < 90) {
        size_t next = len + 1;
        while (((unsigned char)text[next] & 0xC0) == 0x80)
            next++;
        if (width == most || next >= 92)
            break;
        width++;
        len = next;
    }
    memcpy(out, text, len);
    snprintf(out + len, 96 - len, "%s", text[len] == '\0' ? "" : "~");
    return out;
}

/* Since the last run: "grown +3 -1". */
static rf_status add_change(rf_table *table, const rf_cluster *c, rf_err *err)
{
    char cell[128];
    bool was_there = c->change != RF_CLUSTER_GONE && c->previous_members > 0;
    int len = snprintf(cell, sizeof cell, "%s", rf_cluster_change_name(c->change));
    if (was_there && c->joined > 0)
        len += snprintf(cell + len, sizeof cell - (size_t)len, " +%lld", (long long)c->joined);
    if (was_there && c->left > 0)
        snprintf(cell + len, sizeof cell - (size_t)len, " -%lld", (long long)c->left);
    return rf_table_add(table, cell, err);
}

static rf_status add_members(rf_table *table, const rf_cluster *c, rf_err *err)
{
    rf_status st = RF_OK;
    char cell[128];
    RF_TRY(rf_table_add(table, c->id, err));
    snprintf(cell, sizeof cell, "%lld + %lld", (long long)c->n[RF_USER], (long long)rf_cluster_entities(c));
    RF_TRY(rf_table_add(table, cell, err));
    snprintf(cell, sizeof cell, "%.2f", c->density);
    RF_TRY(rf_table_add(table, cell, err));
done:
    return st;
}

/* The entity that most of its users share. */
static rf_status add_common(rf_table *table, const rf_cluster *c, const rf_graph *graph, rf_err *err)
{
    char cell[RF_KIND_NAME + 128] = "-", name[96], number[32];
    const bool named = c->n_common > 0 && graph->kinds.n > 0;
    if (c->n_common > 0)
        snprintf(cell, sizeof cell, "%s%s%s (%d)",
                 named ? rf_kind_name(&graph->kinds, c->common_kind[0]) : "", named ? " " : "",
                 shortened(name,
                           rf_graph_id(&graph->side[rf_entity_side(c->common_kind[0])], c->common[0], number),
                           LONGEST_ENTITY),
                 (int)c->common_users[0]);
    return rf_table_add(table, cell, err);
}

static rf_status add_community(rf_table *table, const rf_clusters *clusters, const rf_cluster *c,
                               const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    char cell[128], name[96];
    RF_TRY(add_members(table, c, err));
    snprintf(cell, sizeof cell, "%.2f %%", 100 * c->score_mass);
    RF_TRY(rf_table_add(table, cell, err));
    RF_TRY(add_change(table, c, err));
    RF_TRY(add_common(table, c, graph, err));
    snprintf(cell, sizeof cell, "-");
    if (c->n_tags > 0)
        snprintf(cell, sizeof cell, "%s (%d)",
                 shortened(name, rf_texts_get(&clusters->tag_types, c->tag_rule[0]), LONGEST_TAG),
                 (int)c->tag_members[0]);
    RF_TRY(rf_table_add(table, cell, err));
done:
    return st;
}

/* Members of a dense block that are in communities, too. */
static int64_t known_members(const rf_clusters *clusters, const rf_cluster *block)
{
    int64_t n = 0;
    for (rf_side s = 0; s < rf_sides(&clusters->kinds); s++) {
        for (int64_t i = 0; i < block->n[s]; i++)
            n += clusters->of[s][clusters->rows[s][block->from[s] + i]] >= 0;
    }
    return n;
}

static rf_status add_block(rf_table *table, const rf_clusters *clusters, const rf_cluster *c,
                           const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    char cell[128];
    RF_TRY(add_members(table, c, err));
    snprintf(cell, sizeof cell, "%.3f",
             c->expected_pairs / fmax((double)c->n[RF_USER] * (double)rf_cluster_entities(c), 1));
    RF_TRY(rf_table_add(table, cell, err));
    snprintf(cell, sizeof cell, "%.0f nats", c->significance);
    RF_TRY(rf_table_add(table, isnan(c->significance) ? "-" : cell, err));
    RF_TRY(add_change(table, c, err));
    RF_TRY(add_common(table, c, graph, err));
    snprintf(cell, sizeof cell, "%lld", (long long)known_members(clusters, c));
    RF_TRY(rf_table_add(table, cell, err));
done:
    return st;
}

static rf_status report_method(rf_text *text, const char *title, const rf_clusters *clusters, uint8_t method,
                               const rf_graph *graph, int n, rf_err *err)
{
    /* members: users + entities; by chance: the density that chance would give */
    static const char *const heads[] = {"cluster", "members", "density", "mass", "since", "shares", "mostly"};
    static const char *const block_heads[] = {"cluster",       "members", "density", "by chance",
                                              "beyond chance", "since",   "shares",  "in communities"};
    bool dense = method == RF_CLUSTER_DENSE;
    rf_status st = RF_OK;
    rf_table *table = NULL;
    int64_t found = 0;
    char figures[2][32];
    RF_TRY(rf_table_new(&table, dense ? "lrrrrllr" : "lrrrlll", dense ? block_heads : heads, err));
    for (int64_t i = 0; i < clusters->n; i++) {
        const rf_cluster *c = &clusters->at[i];
        if (c->method != method || c->change == RF_CLUSTER_GONE)
            continue;
        if (++found <= n)
            RF_TRY(dense ? add_block(table, clusters, c, graph, err)
                         : add_community(table, clusters, c, graph, err));
    }
    RF_TRY(rf_text_printf(text, err, "%s%s", text->len == 0 ? "" : "\n", title));
    if (found == 0) {
        RF_TRY(rf_text_printf(text, err, ": none\n"));
        goto done;
    }
    if (found > n)
        RF_TRY(rf_text_printf(text, err, ", the worst %s of %s", rf_count_format(figures[0], n),
                              rf_count_format(figures[1], found)));
    RF_TRY(rf_text_printf(text, err, " (members: users + entities)\n\n"));
    RF_TRY(rf_table_print(text, table, err));
done:
    rf_table_free(table);
    return st;
}

rf_status rf_report_clusters(rf_text *text, const rf_clusters *clusters, const rf_graph *graph, int n,
                             rf_err *err)
{
    rf_status st = RF_OK;
    int64_t found = 0; /* of those that are gone */
    RF_TRY(report_method(text, "Communities of suspicious users and entities", clusters, RF_CLUSTER_COMMUNITY,
                         graph, n, err));
    RF_TRY(report_method(text, "Second opinion: dense blocks, found without scores", clusters,
                         RF_CLUSTER_DENSE, graph, n, err));
    for (int64_t i = 0; i < clusters->n; i++) {
        const rf_cluster *c = &clusters->at[i];
        if (c->change != RF_CLUSTER_GONE || ++found > n)
            continue;
        RF_TRY(rf_text_printf(text, err, "%s  %s  %s, %s\n",
                              found == 1 ? "\nGone since the last run\n\n" : "", c->id,
                              RF_THINGS(c->previous_members, "member"), rf_cluster_method_name(c->method)));
    }
    if (found > n)
        RF_TRY(rf_text_printf(text, err, "  and %lld more\n", (long long)(found - n)));
done:
    return st;
}
