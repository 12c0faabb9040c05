/* findings_check.c - checks that all findings belong to one graph. */
#include "findings_check_int.h"

rf_status rf_findings_check(const rf_findings *findings, const char *verb, bool every_feature, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_tags *tags = findings->tags;
    bool tags_fit = true;
    if (!rf_kinds_equal(&findings->graph->kinds, &findings->scores->kinds))
        RF_FAIL(err, RF_E_FORMAT, "%s: the graph and the scores are of different kinds of entity", verb);
    for (rf_side s = 0; s < rf_sides(&findings->graph->kinds); s++) {
        const rf_graph_side *side = &findings->graph->side[s];
        const rf_score_side *scores = &findings->scores->side[s];
        const char *name = rf_side_plural(s);
        if (side->n != scores->n)
            RF_FAIL(err, RF_E_FORMAT, "%s: the graph has %lld %s, but the scores are of %lld", verb,
                    (long long)side->n, name, (long long)scores->n);
        if (side->x == NULL && side->n > 0 && (every_feature || scores->n_reasons > 0))
            RF_FAIL(err, RF_E_INVALID, "%s: the graph was loaded without the features of its %s", verb, name);
        for (int64_t i = 0; i < scores->n * scores->n_reasons; i++) {
            if (scores->reason_feature[i] >= side->d)
                RF_FAIL(err, RF_E_FORMAT, "%s: a reason names column %d, but the %s have %d", verb,
                        scores->reason_feature[i], name, side->d);
        }
        tags_fit = tags_fit && (tags == NULL || tags->side[s].n == side->n);
    }
    if (!tags_fit)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: the tags are of %lld users, %lld entities and %lld edges, the graph has %lld, %lld and "
                "%lld",
                verb, (long long)tags->side[RF_USER].n, (long long)tags->side[RF_ENTITY].n,
                (long long)tags->side[RF_EDGE].n, (long long)findings->graph->side[RF_USER].n,
                (long long)findings->graph->side[RF_ENTITY].n, (long long)findings->graph->side[RF_EDGE].n);
done:
    return st;
}
