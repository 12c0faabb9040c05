/* export_subjects.c - a selection: its text, and whom it chooses. */
#include "extract_int.h"

#include <string.h>

#include "rf_mem.h"

/* ---- text ---- */

static rf_status parse_top(rf_selection *out, const char *value, rf_err *err)
{
    rf_status st = RF_OK;
    if (!rf_int_parse(&out->top, value, strlen(value)) || out->top < 1)
        RF_FAIL(err, RF_E_INVALID, "--select %s: a whole number from 1 on is needed behind the =", out->text);
done:
    return st;
}

static rf_status parse_percentile(rf_selection *out, const char *value, rf_err *err)
{
    rf_status st = RF_OK;
    if (!rf_double_parse(&out->percentile, value, strlen(value)) || out->percentile < 0 ||
        out->percentile > 1)
        RF_FAIL(err, RF_E_INVALID,
                "--select %s: a number from 0 to 1 is needed behind the = (0.999 chooses the top 0.1 %%)",
                out->text);
done:
    return st;
}

static rf_status parse_name(rf_selection *out, const char *value, rf_err *err)
{
    rf_status st = RF_OK;
    bool may_be_empty = out->type == RF_SELECT_AROUND || out->type == RF_SELECT_AROUND_ENTITY;
    out->name = value;
    if (value[0] == '\0' && !may_be_empty)
        RF_FAIL(err, RF_E_INVALID, "--select %s: a name is needed behind the =", out->text);
done:
    return st;
}

rf_status rf_selection_parse(rf_selection *out, const char *text, rf_err *err)
{
    static const struct {
        const char *word;
        rf_select_type type;
        rf_status (*parse)(rf_selection *out, const char *value, rf_err *err);
    } known[] = {
        {"top-users=", RF_SELECT_TOP_USERS, parse_top},
        {"top-entities=", RF_SELECT_TOP_ENTITIES, parse_top},
        {"around=", RF_SELECT_AROUND, parse_name},
        {"around-entity=", RF_SELECT_AROUND_ENTITY, parse_name},
        {"percentile=", RF_SELECT_PERCENTILE, parse_percentile},
        {"tag=", RF_SELECT_TAG, parse_name},
        {"cluster=", RF_SELECT_CLUSTER, parse_name},
    };
    rf_status st = RF_OK;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t len = strlen(known[i].word);
        if (strncmp(text, known[i].word, len) != 0)
            continue;
        *out = (rf_selection){.type = known[i].type, .text = text};
        RF_TRY(known[i].parse(out, text + len, err));
        return RF_OK;
    }
    RF_FAIL(err, RF_E_INVALID,
            "--select %s: it is cluster=ID (or cluster=worst), tag=TYPE, top-users=N, top-entities=N, "
            "around=USER, around-entity=ENTITY or percentile=P",
            text);
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

static rf_status add_by_id(rf_candidates *list, const rf_extract *extract, bool is_entity, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = extract->graph;
    const rf_selection *select = &extract->options->select;
    uint32_t row = 0;
    if (!find_id(&row, is_entity ? &graph->side[RF_ENTITY] : &graph->side[RF_USER], select->name)) {
        if (find_id(&row, is_entity ? &graph->side[RF_USER] : &graph->side[RF_ENTITY], select->name))
            RF_FAIL(err, RF_E_INVALID, "export: %s: that is %s; select %s=%s", select->text,
                    is_entity ? "a user" : "an entity", is_entity ? "around" : "around-entity", select->name);
        RF_FAIL(err, RF_E_INVALID, "export: %s: the graph has no %s of this id", select->text,
                is_entity ? "entity" : "user");
    }
    RF_TRY(rf_candidates_add(list, row, is_entity, err));
done:
    return st;
}

/* ---- by score ---- */

static rf_status add_at_or_above(rf_candidates *list, const rf_score_side *side, double percentile,
                                 bool is_entity, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; i < side->n; i++) {
        if (side->percentile[i] >= (float)percentile)
            RF_TRY(rf_candidates_add(list, (uint32_t)i, is_entity, err));
    }
done:
    return st;
}

/* The highest scores, lower rows first where they are equal. */
static rf_status add_top(rf_candidates *list, const rf_score_side *side, int64_t top, bool is_entity,
                         rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(add_at_or_above(list, side, 0, is_entity, err));
    rf_real *key = rf_mem_new((size_t)side->n, sizeof *key, err);
    if (key == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < side->n; i++)
        key[i] = -side->score[i];
    st = rf_candidates_keep(list, key, top, err);
    rf_mem_free(key);
done:
    return st;
}

/* ---- by tag ---- */

/* How sure it is that the row has a tag of this type; negative: it has none. */
static double sureness(const rf_tags *tags, const rf_tag_side *side, int64_t row, const char *type)
{
    for (int64_t t = side->ptr[row]; t < side->ptr[row + 1]; t++) {
        if (strcmp(rf_texts_get(&tags->rule_type, side->tags[t].rule), type) == 0)
            return (double)side->tags[t].confidence; /* the surest comes first */
    }
    return -1;
}

static rf_status refuse_type(const rf_tags *tags, const rf_selection *select, rf_err *err)
{
    rf_status st = RF_OK;
    const char *near = NULL;
    bool known = false;
    const char **names = rf_mem_zero((size_t)tags->rule_type.n + 2, sizeof *names, err);
    if (names == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < tags->rule_type.n; i++) {
        names[i] = rf_texts_get(&tags->rule_type, i);
        known = known || strcmp(names[i], select->name) == 0;
    }
    near = rf_nearest(select->name, names);
    if (known)
        RF_FAIL(err, RF_E_INVALID, "export: %s chooses nobody: no user or entity of this run has that tag",
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
    for (int kind = 0; kind < 2; kind++) {
        const rf_tag_side *side = kind == 1 ? &tags->side[RF_ENTITY] : &tags->side[RF_USER];
        for (int64_t i = 0; i < side->n; i++) {
            if (sureness(tags, side, i, select->name) >= 0)
                RF_TRY(rf_candidates_add(list, (uint32_t)i, kind == 1, err));
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
    key = rf_mem_new((size_t)list->n, sizeof *key, err);
    if (key == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < list->n; i++)
        key[i] =
            -(rf_real)sureness(tags, list->at[i].is_entity ? &tags->side[RF_ENTITY] : &tags->side[RF_USER],
                               list->at[i].row, extract->options->select.name);
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
    const char **names = rf_mem_zero((size_t)clusters->n + 2, sizeof *names, err);
    if (names == NULL)
        return RF_E_NOMEM;
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
        RF_FAIL(err, RF_E_INVALID, "export: %s chooses nobody: this run found no clusters", select->text);
    if (cluster == NULL)
        RF_TRY(refuse_cluster(clusters, select, err));
    else if (cluster->change == RF_CLUSTER_GONE)
        RF_FAIL(err, RF_E_INVALID, "export: %s chooses nobody: that cluster is gone since the last run",
                select->text);
    for (int64_t i = 0; cluster != NULL && i < cluster->n_users; i++)
        RF_TRY(rf_candidates_add(list, clusters->users[cluster->user + i], false, err));
    for (int64_t i = 0; cluster != NULL && i < cluster->n_entities; i++)
        RF_TRY(rf_candidates_add(list, clusters->entities[cluster->entity + i], true, err));
done:
    return st;
}

/* ---- all ---- */

rf_status rf_subjects_choose(rf_candidates *list, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_selection *select = &extract->options->select;
    const rf_scores *scores = extract->scores;
    switch (select->type) {
    case RF_SELECT_TOP_USERS:
        RF_TRY(add_top(list, &scores->side[RF_USER], select->top, false, err));
        break;
    case RF_SELECT_TOP_ENTITIES:
        RF_TRY(add_top(list, &scores->side[RF_ENTITY], select->top, true, err));
        break;
    case RF_SELECT_AROUND:
    case RF_SELECT_AROUND_ENTITY:
        RF_TRY(add_by_id(list, extract, select->type == RF_SELECT_AROUND_ENTITY, err));
        break;
    case RF_SELECT_PERCENTILE:
        RF_TRY(add_at_or_above(list, &scores->side[RF_USER], select->percentile, false, err));
        RF_TRY(add_at_or_above(list, &scores->side[RF_ENTITY], select->percentile, true, err));
        break;
    case RF_SELECT_TAG:
        RF_TRY(add_tagged(list, extract, err));
        break;
    case RF_SELECT_CLUSTER:
        RF_TRY(add_cluster(list, extract, err));
        break;
    }
    if (list->n == 0)
        RF_FAIL(err, RF_E_INVALID, "export: %s chooses nobody", select->text);
done:
    return st;
}

rf_status rf_subjects_keep(rf_candidates *list, const rf_extract *extract, int64_t most, rf_err *err)
{
    if (extract->options->select.type == RF_SELECT_TAG)
        return keep_surest(list, extract, most, err);
    return rf_candidates_keep_highest(list, extract->scores, most, err);
}
