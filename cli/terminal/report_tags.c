/* report_tags.c - how many users, entities and edges each type of tag has, one row a type.
 */
#include "rf_report.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_table.h"

/* Rules of one type are counted at the first of them; what no rule explains has a row for each kind of
 * anomaly after them. */
typedef struct type_count {
    char name[RF_TAG_WORDS];
    const char *type;         /* of a rule; or NULL, and name it is */
    int64_t tagged[RF_SIDES]; /* users, entities and edges of all kinds */
    double confidence;        /* of all, added */
} type_count;

static rf_status add_row(rf_table *table, const type_count *count, rf_err *err)
{
    rf_status st = RF_OK;
    char figure[32];
    int64_t all = 0;
    RF_TRY(rf_table_add(table, count->type != NULL ? count->type : count->name, err));
    for (rf_side side = 0; side < RF_SIDES; side++) {
        RF_TRY(rf_table_add(table, rf_count_format(figure, count->tagged[side]), err));
        all += count->tagged[side];
    }
    snprintf(figure, sizeof figure, "%.3f", all > 0 ? count->confidence / (double)all : 0);
    /* a rank is no confidence */
    RF_TRY(rf_table_add(table, count->type != NULL && all > 0 ? figure : "-", err));
done:
    return st;
}

static void count_tags(type_count *counts, const rf_tags *tags, const rf_scores *scores, rf_side side)
{
    const rf_tag_side *of = &tags->side[side];
    for (int64_t row = 0; row < of->n; row++) {
        for (int64_t i = of->ptr[row]; i < of->ptr[row + 1]; i++) {
            const rf_tag *tag = &of->tags[i];
            int64_t at = rf_tags_first_rule(tags, tag->rule);
            if (rf_tag_is_unknown(tags, tag)) {
                rf_anomaly anomaly = rf_score_anomaly(&scores->side[side], row);
                at = tags->rule_type.n + (int64_t)anomaly;
                rf_tag_words(counts[at].name, tags, tag, anomaly);
            }
            counts[at].tagged[rf_side_role(side)]++;
            counts[at].confidence += (double)tag->confidence;
        }
    }
}

rf_status rf_report_tags(rf_text *text, const rf_tags *tags, const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    const char *heads[RF_SIDES + 2] = {"type", [RF_SIDES + 1] = "mean confidence"};
    char align[RF_SIDES + 3] = "l";
    rf_table *table = NULL;
    type_count *counts = NULL;
    RF_ZERO(counts, tags->rule_type.n + RF_ANOMALIES, err);
    for (rf_side side = 0; side < rf_sides(&tags->kinds); side++)
        count_tags(counts, tags, scores, side);
    for (rf_side role = 0; role < RF_SIDES; role++)
        heads[1 + role] = rf_side_plural(role);
    memset(align + 1, 'r', RF_SIDES + 1);
    RF_TRY(rf_table_new(&table, align, heads, err));
    for (int64_t i = 0; i < tags->rule_type.n + RF_ANOMALIES; i++) {
        bool is_rule = i < tags->rule_type.n;
        counts[i].type = is_rule ? rf_texts_get(&tags->rule_type, i) : NULL;
        bool is_named =
            is_rule ? rf_tags_first_rule(tags, i) == i && strcmp(counts[i].type, RF_UNKNOWN_PATTERN) != 0
                    : counts[i].name[0] != '\0';
        if (is_named)
            RF_TRY(add_row(table, &counts[i], err));
    }
    RF_TRY(rf_text_printf(text, err, "%sTags by %s, revision %lld\n\n", text->len == 0 ? "" : "\n",
                          tags->rules_name, (long long)tags->rules_version));
    RF_TRY(rf_table_print(text, table, err));
done:
    rf_table_free(table);
    rf_mem_free(counts);
    return st;
}
