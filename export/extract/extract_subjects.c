/* extract_subjects.c - reads a selection's text, and finds the subjects that it selects. */
#include "members_int.h"

#include <string.h>

#include "rf_mem.h"

/* "top-device=5", "around-card=c17": how long the words are, 0 where the text is none such. */
static size_t read_kind(rf_selection *out, const char *text)
{
    static const struct {
        const char *word;
        rf_select_type type;
    } before[] = {{"top-", RF_SELECT_TOP_ENTITIES}, {"around-", RF_SELECT_AROUND_ENTITY}};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        size_t from = strlen(before[i].word), len;
        if (strncmp(text, before[i].word, from) != 0)
            continue;
        len = strcspn(text + from, "=");
        if (text[from + len] != '=' || len >= sizeof out->kind)
            return 0;
        *out = (rf_selection){.type = before[i].type, .text = text};
        memcpy(out->kind, text + from, len);
        return rf_kind_name_is_valid(out->kind) ? from + len + 1 : 0;
    }
    return 0;
}

rf_status rf_selection_parse(rf_selection *out, const char *text, rf_err *err)
{
    static const struct {
        const char *word;
        rf_select_type type;
    } known[] = {
        {"top-users=", RF_SELECT_TOP_USERS},   {"top-entities=", RF_SELECT_TOP_ENTITIES},
        {"around=", RF_SELECT_AROUND},         {"around-entity=", RF_SELECT_AROUND_ENTITY},
        {"percentile=", RF_SELECT_PERCENTILE}, {"tag=", RF_SELECT_TAG},
        {"cluster=", RF_SELECT_CLUSTER},
    };
    rf_status st = RF_OK;
    size_t i = 0;
    while (i < sizeof known / sizeof *known && strncmp(text, known[i].word, strlen(known[i].word)) != 0)
        i++;
    if (i < sizeof known / sizeof *known)
        *out = (rf_selection){.type = known[i].type, .text = text};
    size_t words = i < sizeof known / sizeof *known ? strlen(known[i].word) : read_kind(out, text);
    if (words == 0)
        RF_FAIL(err, RF_E_INVALID,
                "--select %s: it is cluster=ID (or cluster=worst), tag=TYPE, top-users=N, top-entities=N, "
                "around=USER, around-entity=ENTITY or percentile=P",
                text);
    const char *value = text + words;
    switch (out->type) {
    case RF_SELECT_TOP_USERS:
    case RF_SELECT_TOP_ENTITIES:
        if (!rf_int_parse(&out->top, value, strlen(value)) || out->top < 1)
            RF_FAIL(err, RF_E_INVALID, "--select %s: a whole number from 1 on is needed after the =", text);
        break;
    case RF_SELECT_PERCENTILE:
        if (!rf_double_parse(&out->percentile, value, strlen(value)) || out->percentile < 0 ||
            out->percentile > 1)
            RF_FAIL(err, RF_E_INVALID,
                    "--select %s: a number from 0 to 1 is needed after the = (0.999 chooses the top 0.1 %%)",
                    text);
        break;
    case RF_SELECT_TAG:
    case RF_SELECT_CLUSTER:
        if (value[0] == '\0')
            RF_FAIL(err, RF_E_INVALID, "--select %s: a name is needed after the =", text);
        out->name = value;
        break;
    case RF_SELECT_AROUND:
    case RF_SELECT_AROUND_ENTITY:
        out->name = value; /* an id may be empty */
        break;
    case RF_SELECT_RING: /* has no text */
        break;
    }
done:
    return st;
}

/* ---- around someone ---- */

static bool find_id(uint32_t *out, const rf_graph_side *side, const char *id)
{
    char number[32];
    for (int64_t i = 0; i < side->n; i++) {
        if (strcmp(rf_graph_id(side, i, number), id) == 0) {
            *out = (uint32_t)i;
            return true;
        }
    }
    return false;
}

/* No row of the side has this id: perhaps one of another side has. */
static rf_status refuse_id(const rf_extract *extract, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = extract->graph;
    const rf_selection *select = &extract->options->select;
    uint32_t row = 0;
    for (rf_side other = 0; other < rf_sides(&graph->kinds); other++) {
        const char *kind = rf_kind_name(&graph->kinds, rf_side_kind(other));
        if (other == side || !rf_side_has_nodes(other) || !find_id(&row, &graph->side[other], select->name))
            continue;
        if (other == RF_USER)
            RF_FAIL(err, RF_E_INVALID, "export: %s: that is a user; select around=%s", select->text,
                    select->name);
        RF_FAIL(err, RF_E_INVALID, "export: %s: that is %s %s; select around-%s=%s", select->text,
                strchr("aeio", kind[0]) != NULL ? "an" : "a", kind, kind, select->name);
    }
    RF_FAIL(err, RF_E_INVALID, "export: %s: the graph has no %s of this id", select->text,
            side == RF_USER ? "user" : rf_kind_name(&graph->kinds, rf_side_kind(side)));
done:
    return st;
}

static rf_status add_by_id(rf_candidates *list, const rf_extract *extract, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t row = 0;
    if (!find_id(&row, &extract->graph->side[side], extract->options->select.name))
        return refuse_id(extract, side, err);
    RF_TRY(rf_candidates_add(list, side, row, err));
done:
    return st;
}

/* The entities that the selection means. */
static rf_status find_kind(rf_side *out, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_kinds *kinds = &extract->graph->kinds;
    const rf_selection *select = &extract->options->select;
    const char *names[RF_KINDS_MOST + 1] = {NULL};
    int kind = select->kind[0] == '\0' ? 0 : rf_kinds_find(kinds, select->kind);
    for (int k = 0; k < kinds->n; k++)
        names[k] = kinds->name[k];
    const char *near = kind < 0 ? rf_nearest(select->kind, names) : NULL;
    if (kind < 0)
        RF_FAIL(err, RF_E_INVALID, "export: %s: the graph has no entities of a kind %s%s%s%s", select->text,
                select->kind, near != NULL ? "; did you mean " : "", near != NULL ? near : "",
                near != NULL ? "?" : "");
    *out = rf_entity_side(kind);
done:
    return st;
}

/* ---- by score ---- */

static rf_status add_at_or_above(rf_candidates *list, const rf_scores *scores, rf_side side,
                                 double percentile, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_score_side *of = &scores->side[side];
    for (int64_t i = 0; i < of->n; i++) {
        if (of->percentile[i] >= (float)percentile)
            RF_TRY(rf_candidates_add(list, side, i, err));
    }
done:
    return st;
}

/* The highest scores, lower rows first where they are equal. */
static rf_status add_top(rf_candidates *list, const rf_scores *scores, rf_side side, int64_t top, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_score_side *of = &scores->side[side];
    rf_real *key = NULL;
    RF_TRY(add_at_or_above(list, scores, side, 0, err));
    RF_NEW(key, of->n, err);
    for (int64_t i = 0; i < of->n; i++)
        key[i] = -of->score[i];
    RF_TRY(rf_candidates_keep(list, key, top, err));
done:
    rf_mem_free(key);
    return st;
}

/* ---- by tag ---- */

/* How sure it is that the row has a tag of this type; negative: it has none. */
static double sureness(const rf_tags *tags, rf_side side, int64_t row, const char *type)
{
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, tags, side, row);
    for (int64_t i = 0; i < n; i++) {
        if (strcmp(rf_tag_type(tags, &tag[i]), type) == 0)
            return (double)tag[i].confidence; /* the surest comes first */
    }
    return -1;
}

static rf_status refuse_type(const rf_tags *tags, const rf_selection *select, rf_err *err)
{
    rf_status st = RF_OK;
    const char *near = NULL;
    bool known = false;
    const char **names = NULL;
    RF_ZERO(names, tags->rule_type.n + 2, err);
    for (int64_t i = 0; i < tags->rule_type.n; i++) {
        names[i] = rf_texts_get(&tags->rule_type, i);
        known = known || strcmp(names[i], select->name) == 0;
    }
    near = rf_nearest(select->name, names);
    if (known)
        RF_FAIL(err, RF_E_INVALID, "export: %s selects nothing: no user or entity of this run has that tag",
                select->text);
    RF_FAIL(err, RF_E_INVALID, "export: %s: the rules %s give no such tag%s%s%s", select->text,
            tags->rules_name, near != NULL ? "; did you mean tag=" : "", near != NULL ? near : "",
            near != NULL ? "?" : "");
done:
    rf_mem_free(names);
    return st;
}

static rf_status add_tagged(rf_candidates *list, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_tags *tags = extract->findings->tags;
    const rf_selection *select = &extract->options->select;
    if (tags == NULL)
        RF_FAIL(err, RF_E_INVALID, "export: %s: the scores have no tags; run ringfence tag first",
                select->text);
    for (rf_side side = 0; side < rf_sides(&extract->graph->kinds); side++) {
        for (int64_t i = 0; rf_side_has_nodes(side) && i < tags->side[side].n; i++) {
            if (sureness(tags, side, i, select->name) >= 0)
                RF_TRY(rf_candidates_add(list, side, i, err));
        }
    }
    if (list->n == 0)
        RF_TRY(refuse_type(tags, select, err));
done:
    return st;
}

static rf_status keep_surest(rf_candidates *list, const rf_extract *extract, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_tags *tags = extract->findings->tags;
    rf_real *key = NULL;
    RF_TRY(rf_candidates_keep_highest(list, extract->scores, list->n, err)); /* where equally sure */
    RF_NEW(key, list->n, err);
    for (int64_t i = 0; i < list->n; i++)
        key[i] = -(rf_real)sureness(tags, list->at[i].side, list->at[i].row, extract->options->select.name);
    RF_TRY(rf_candidates_keep(list, key, most, err));
done:
    rf_mem_free(key);
    return st;
}

/* ---- by cluster ---- */

const rf_cluster *rf_subjects_cluster(const rf_extract *extract)
{
    const rf_clusters *clusters = extract->findings->clusters;
    const rf_selection *select = &extract->options->select;
    if (select->type != RF_SELECT_CLUSTER || clusters == NULL)
        return NULL;
    if (strcmp(select->name, "worst") == 0)
        return clusters->n > 0 ? &clusters->at[0] : NULL;
    return rf_clusters_by_id(clusters, select->name);
}

static rf_status refuse_cluster(const rf_clusters *clusters, const rf_selection *select, rf_err *err)
{
    rf_status st = RF_OK;
    const char *near = NULL;
    const char **names = NULL;
    RF_ZERO(names, clusters->n + 2, err);
    for (int64_t i = 0; i < clusters->n; i++)
        names[i] = clusters->at[i].id;
    names[clusters->n] = "worst";
    near = rf_nearest(select->name, names);
    RF_FAIL(err, RF_E_INVALID,
            "export: %s: this run has no such cluster%s%s%s (ringfence cluster lists them)", select->text,
            near != NULL ? "; did you mean cluster=" : "", near != NULL ? near : "", near != NULL ? "?" : "");
done:
    rf_mem_free(names);
    return st;
}

static rf_status add_cluster(rf_candidates *list, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_clusters *clusters = extract->findings->clusters;
    const rf_selection *select = &extract->options->select;
    const rf_cluster *cluster = rf_subjects_cluster(extract);
    if (clusters == NULL)
        RF_FAIL(err, RF_E_INVALID, "export: %s: the scores have no clusters; run ringfence cluster first",
                select->text);
    if (clusters->n == 0)
        RF_FAIL(err, RF_E_INVALID, "export: %s selects nothing: this run found no clusters", select->text);
    if (cluster == NULL)
        RF_TRY(refuse_cluster(clusters, select, err));
    else if (cluster->change == RF_CLUSTER_GONE)
        RF_FAIL(err, RF_E_INVALID, "export: %s selects nothing: that cluster no longer exists", select->text);
    for (rf_side s = 0; cluster != NULL && s < rf_sides(&extract->graph->kinds); s++) {
        for (int64_t i = 0; rf_side_has_nodes(s) && i < cluster->n[s]; i++)
            RF_TRY(rf_candidates_add(list, s, clusters->rows[s][cluster->from[s] + i], err));
    }
done:
    return st;
}

/* ---- all ---- */

rf_status rf_subjects_choose(rf_candidates *list, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_selection *select = &extract->options->select;
    rf_side entities = RF_ENTITY;
    RF_TRY(find_kind(&entities, extract, err));
    switch (select->type) {
    case RF_SELECT_TOP_USERS:
        RF_TRY(add_top(list, extract->scores, RF_USER, select->top, err));
        break;
    case RF_SELECT_TOP_ENTITIES:
        RF_TRY(add_top(list, extract->scores, entities, select->top, err));
        break;
    case RF_SELECT_AROUND:
        RF_TRY(add_by_id(list, extract, RF_USER, err));
        break;
    case RF_SELECT_AROUND_ENTITY:
        RF_TRY(add_by_id(list, extract, entities, err));
        break;
    case RF_SELECT_PERCENTILE:
        for (rf_side side = 0; side < rf_sides(&extract->graph->kinds); side++) {
            if (rf_side_has_nodes(side))
                RF_TRY(add_at_or_above(list, extract->scores, side, select->percentile, err));
        }
        break;
    case RF_SELECT_TAG:
        RF_TRY(add_tagged(list, extract, err));
        break;
    case RF_SELECT_CLUSTER:
        RF_TRY(add_cluster(list, extract, err));
        break;
    case RF_SELECT_RING: /* extract_ring.c */
        break;
    }
    if (list->n == 0)
        RF_FAIL(err, RF_E_INVALID, "export: %s selects nothing", select->text);
done:
    return st;
}

rf_status rf_subjects_keep(rf_candidates *list, const rf_extract *extract, int64_t most, rf_err *err)
{
    if (extract->options->select.type == RF_SELECT_TAG)
        return keep_surest(list, extract, most, err);
    return rf_candidates_keep_highest(list, extract->scores, most, err);
}
