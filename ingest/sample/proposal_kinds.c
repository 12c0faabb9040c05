/* proposal_kinds.c - kinds of entity in a proposed configuration: those that were told, or, as comments,
 * those that the sample could have.
 */
#include "proposal_int.h"

#include <string.h>

#include "rf_text.h"

/* What stands behind a kind's names. */
typedef struct kind_words {
    const char *const *normalise;
    int n_normalise, near_bits;
    bool required;
    double hub_percentile;
    int64_t hub_degree;
} kind_words;

/* "field: a", "join: [a, b]", "first: [a, b]" */
static rf_status add_names(rf_text *out, const char *const *names, int n, bool joined, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(out, err, n == 1 ? "field: " : joined ? "fields: " : "first: "));
    RF_TRY(n == 1 ? rf_yaml_scalar(out, names[0], err) : rf_yaml_list(out, names, n, err));
done:
    return st;
}

static rf_status add_words(rf_text *out, const kind_words *words, rf_err *err)
{
    rf_status st = RF_OK;
    char number[32];
    if (words->normalise != NULL) {
        RF_TRY(rf_text_printf(out, err, ", normalise: "));
        RF_TRY(rf_yaml_list(out, words->normalise, words->n_normalise, err));
    }
    if (words->near_bits > 0)
        RF_TRY(rf_text_printf(out, err, ", near: %d", words->near_bits));
    if (words->required)
        RF_TRY(rf_text_printf(out, err, ", required: true"));
    if (words->hub_percentile > 0) {
        rf_double_format(number, words->hub_percentile);
        RF_TRY(rf_text_printf(out, err, ", hub_percentile: %s", number));
    }
    if (words->hub_degree > 0)
        RF_TRY(rf_text_printf(out, err, ", hub_degree: %lld", (long long)words->hub_degree));
done:
    return st;
}

static rf_status add_kind(rf_text *out, const char *indent, const char *name, const char *const *names, int n,
                          bool joined, const kind_words *words, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(out, err, "%s%s: {", indent, name));
    RF_TRY(add_names(out, names, n, joined, err));
    RF_TRY(add_words(out, words, err));
    RF_TRY(rf_text_printf(out, err, "}"));
done:
    return st;
}

/* ---- told ---- */

static rf_status add_told(rf_text *out, const rf_fields *fields, int k, rf_err *err)
{
    rf_status st = RF_OK;
    const char *names[1 + RF_MAX_PARTS];
    rf_more_names more;
    int n = 0;
    const rf_kind *kind = &fields->schema->kinds[k];
    const rf_spelling_words *told = k == 0 ? &fields->entity_normalise : &fields->others[k - 1].normalise;
    const kind_words words = {told->words,          told->n,         kind->near_bits, k > 0 && kind->required,
                              kind->hub_percentile, kind->hub_degree};
    names[n++] = rf_fields_entity(&more, fields, k);
    for (int i = 0; i < more.n && n <= RF_MAX_PARTS; i++)
        names[n++] = more.names[i];
    RF_TRY(add_kind(out, "    ", kind->name, names, n, more.joined, &words, err));
    RF_TRY(rf_text_printf(out, err, "\n"));
done:
    return st;
}

/* ---- found ---- */

static rf_status add_found(rf_text *out, const rf_proposal *p, const rf_proposed_kind *kind, rf_err *err)
{
    rf_status st = RF_OK;
    char seen[RF_COLUMN_SEEN];
    const char *names[2];
    const kind_words words = {.normalise = kind->n_normalise > 0 ? kind->normalise : NULL,
                              .n_normalise = kind->n_normalise,
                              .near_bits = kind->near_bits};
    for (int i = 0; i < kind->n; i++)
        names[i] = p->sample->columns[kind->columns[i]].name;
    RF_TRY(add_kind(out, "  #   ", kind->name, names, kind->n, true, &words, err));
    RF_TRY(rf_yaml_comment(out, rf_column_seen(seen, p, kind->columns[0]), err));
done:
    return st;
}

rf_status rf_yaml_kinds(rf_text *out, const rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_fields *fields = &p->told.options->fields;
    const int told = fields->schema == NULL ? 0 : fields->schema->n_kinds;
    if (told > 0)
        RF_TRY(rf_text_printf(out, err, "  entities:\n"));
    for (int k = 0; k < told; k++)
        RF_TRY(add_told(out, fields, k, err));
    if (told > 0 || p->n_kinds == 0)
        goto done;
    RF_TRY(
        rf_text_printf(out, err,
                       "  # in place of `entity`, kinds of entity that people could share (docs/INGEST.md):\n"
                       "  # entities:\n"));
    RF_TRY(rf_yaml_side(out, p, RF_ROLE_ENTITY, "#   ", p->main_kind, err));
    for (int i = 0; i < p->n_kinds; i++)
        RF_TRY(add_found(out, p, &p->kinds[i], err));
done:
    return st;
}
