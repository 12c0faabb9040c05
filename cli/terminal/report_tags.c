/* report_tags.c - how many users, entities and edges each type of tag has, one row a type.
 */
#include "rf_report.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_table.h"

typedef struct type_count {
    int64_t tagged[RF_SIDES];
    double confidence; /* of all, added */
} type_count;

/* Rules of one type are counted at the first of them. */
static int64_t first_of_type(const rf_tags *tags, const char *type)
{
    int64_t rule = 0;
    while (strcmp(rf_texts_get(&tags->rule_type, rule), type) != 0)
        rule++;
    return rule;
}

rf_status rf_report_tags(rf_text *text, const rf_tags *tags, rf_err *err)
{
    rf_status st = RF_OK;
    const char *heads[RF_SIDES + 2] = {"type", [RF_SIDES + 1] = "mean confidence"};
    char align[RF_SIDES + 3] = "l", figure[32];
    rf_table *table = NULL;
    type_count *counts = NULL;
    RF_ZERO(counts, tags->rule_type.n, err);
    for (rf_side side = 0; side < RF_SIDES; side++) {
        const rf_tag_side *of = &tags->side[side];
        for (int64_t i = 0; i < of->ptr[of->n]; i++) {
            type_count *count = &counts[first_of_type(tags, rf_tag_type(tags, &of->tags[i]))];
            count->tagged[side]++;
            count->confidence += (double)of->tags[i].confidence;
        }
        heads[1 + side] = rf_side_plural(side);
    }
    memset(align + 1, 'r', RF_SIDES + 1);
    RF_TRY(rf_table_new(&table, align, heads, err));
    for (int64_t rule = 0; rule < tags->rule_type.n; rule++) {
        const char *type = rf_texts_get(&tags->rule_type, rule);
        int64_t all = 0;
        if (first_of_type(tags, type) != rule)
            continue;
        RF_TRY(rf_table_add(table, type, err));
        for (rf_side side = 0; side < RF_SIDES; side++) {
            RF_TRY(rf_table_add(table, rf_count_format(figure, counts[rule].tagged[side]), err));
            all += counts[rule].tagged[side];
        }
        snprintf(figure, sizeof figure, "%.3f", all > 0 ? counts[rule].confidence / (double)all : 0);
        RF_TRY(rf_table_add(table, all > 0 ? figure : "-", err));
    }
    RF_TRY(rf_text_printf(text, err, "%sTags by %s, revision %lld\n\n", text->len == 0 ? "" : "\n",
                          tags->rules_name, (long long)tags->rules_version));
    RF_TRY(rf_table_print(text, table, err));
done:
    rf_table_free(table);
    rf_mem_free(counts);
    return st;
}
