/* tags.c - tags in memory: finding a side, freeing, and whether what a file says can be true. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "tags_int.h"

const rf_tag *rf_tags_of(int64_t *n, const rf_tags *tags, rf_side side, int64_t row)
{
    *n = 0;
    if (tags == NULL || side == RF_NO_SIDE)
        return NULL;
    const rf_tag_side *of = &tags->side[side];
    *n = of->ptr[row + 1] - of->ptr[row];
    return *n > 0 ? &of->tags[of->ptr[row]] : NULL;
}

const char *rf_tag_type(const rf_tags *tags, const rf_tag *tag)
{
    return rf_texts_get(&tags->rule_type, tag->rule);
}

rf_side rf_tag_edge_side(const rf_tags *tags, const rf_tag *tag)
{
    return rf_edge_side(tags->rule_kind != NULL ? tags->rule_kind[tag->rule] : 0);
}

bool rf_tag_is_unknown(const rf_tags *tags, const rf_tag *tag)
{
    return strcmp(rf_tag_type(tags, tag), RF_UNKNOWN_PATTERN) == 0;
}

const char *rf_tag_words(char out[RF_TAG_WORDS], const rf_tags *tags, const rf_tag *tag, rf_anomaly anomaly)
{
    if (!rf_tag_is_unknown(tags, tag))
        return rf_tag_type(tags, tag);
    snprintf(out, RF_TAG_WORDS, "unknown pattern%s%s", anomaly != RF_ANOMALY_NONE ? ": " : "",
             rf_anomaly_name(anomaly));
    for (char *at = strchr(out, '_'); at != NULL; at = strchr(at, '_'))
        *at = ' ';
    return out;
}

int64_t rf_tags_first_rule(const rf_tags *tags, int64_t rule)
{
    int64_t first = 0;
    while (strcmp(rf_texts_get(&tags->rule_type, first), rf_texts_get(&tags->rule_type, rule)) != 0)
        first++;
    return first;
}

void rf_tag_side_clear(rf_tag_side *side)
{
    rf_mem_free(side->ptr);
    rf_mem_free(side->tags);
    rf_mem_free(side->evidence);
    *side = (rf_tag_side){0};
}

void rf_tags_free(rf_tags *tags)
{
    if (tags == NULL)
        return;
    for (rf_side i = 0; i < RF_SIDES_MOST; i++)
        rf_tag_side_clear(&tags->side[i]);
    rf_mem_free(tags->rule_kind);
    rf_texts_clear(&tags->rule_type);
    rf_texts_clear(&tags->rule_about);
    rf_texts_clear(&tags->signal_name);
    rf_texts_clear(&tags->signal_value);
    rf_texts_clear(&tags->signal_about);
    rf_mem_free(tags->signal_rule);
    rf_mem_free(tags->signal_above);
    rf_mem_free(tags);
}

/* ---- checks ---- */

bool rf_tag_type_valid(const char *type)
{
    size_t len = strlen(type);
    if (len == 0 || len > RF_TAG_TYPE_MOST || type[0] < 'a' || type[0] > 'z')
        return false;
    return strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static bool in_unit(float x)
{
    return x >= 0 && x <= 1;
}

/* A user's tag may be that of an edge of any kind, an entity's that of one of its own kind. */
static bool edge_is_there(const rf_tags *tags, rf_side side, const rf_tag *tag)
{
    const rf_side edges = rf_tag_edge_side(tags, tag);
    return tag->edge == RF_NO_EDGE || (tag->edge < tags->side[edges].n &&
                                       (side == RF_USER || rf_side_kind(side) == rf_side_kind(edges)));
}

static rf_status check_tags(const char *path, rf_side side, const rf_tags *tags, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_SIDE_PATH];
    const rf_tag_side *of = &tags->side[side];
    for (int64_t row = 0; row < of->n; row++) {
        for (int64_t i = of->ptr[row]; i < of->ptr[row + 1]; i++) {
            const rf_tag *tag = &of->tags[i];
            bool sorted = i == of->ptr[row] || tag->confidence <= of->tags[i - 1].confidence;
            if (tag->rule >= tags->rule_type.n || !in_unit(tag->confidence) || !sorted ||
                !edge_is_there(tags, side, tag))
                RF_FAIL(err, RF_E_FORMAT,
                        "%s: %s/tag_rule, tag_confidence or tag_edge is impossible at row %lld; run "
                        "`ringfence tag` again",
                        path, rf_side_path(name, &tags->kinds, side, ""), (long long)i);
        }
    }
done:
    return st;
}

static bool number_or_none(double x)
{
    return !isinf(x);
}

static rf_status check_evidence(const char *path, rf_side side, const rf_tags *tags, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_tag_side *of = &tags->side[side];
    char name[RF_SIDE_PATH];
    for (int64_t i = 0; i < of->ptr[of->n]; i++) {
        const rf_tag *tag = &of->tags[i];
        for (int64_t k = tag->evidence; k < tag->evidence + tag->n_evidence; k++) {
            const rf_evidence *found = &of->evidence[k];
            if (found->signal >= tags->signal_name.n || tags->signal_rule[found->signal] != tag->rule ||
                !in_unit(found->strength) || !(isnan(found->percentile) || in_unit(found->percentile)) ||
                !number_or_none(found->observed) || !number_or_none(found->threshold))
                RF_FAIL(err, RF_E_FORMAT,
                        "%s: the evidence of %s is impossible at row %lld; run `ringfence tag` again", path,
                        rf_side_path(name, &tags->kinds, side, ""), (long long)k);
        }
    }
done:
    return st;
}

static rf_status check_scores(const char *path, const rf_tags *tags, const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_SIDE_PATH];
    if (strcmp(tags->run_id, scores->run_id) != 0)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: the tags are of run %s, the scores of run %s; run `ringfence tag` again", path,
                tags->run_id, scores->run_id);
    if (tags->side[RF_USER].n != scores->side[RF_USER].n ||
        tags->side[RF_ENTITY].n != scores->side[RF_ENTITY].n ||
        tags->side[RF_EDGE].n != scores->side[RF_EDGE].n)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: tags of %lld users, %lld entities and %lld edges, but scores of %lld, %lld and %lld; "
                "run `ringfence tag` again",
                path, (long long)tags->side[RF_USER].n, (long long)tags->side[RF_ENTITY].n,
                (long long)tags->side[RF_EDGE].n, (long long)scores->side[RF_USER].n,
                (long long)scores->side[RF_ENTITY].n, (long long)scores->side[RF_EDGE].n);
    for (rf_side side = RF_SIDES; side < rf_sides(&tags->kinds); side++) {
        if (tags->side[side].n != scores->side[side].n)
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: tags of %lld rows of %s, but scores of %lld; run `ringfence tag` again", path,
                    (long long)tags->side[side].n, rf_side_path(name, &tags->kinds, side, ""),
                    (long long)scores->side[side].n);
    }
done:
    return st;
}

rf_status rf_tags_check(const rf_tags *tags, const rf_scores *scores, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(check_scores(path, tags, scores, err));
    for (rf_side i = 0; i < rf_sides(&tags->kinds); i++) {
        RF_TRY(check_tags(path, i, tags, err));
        RF_TRY(check_evidence(path, i, tags, err));
    }
done:
    return st;
}
