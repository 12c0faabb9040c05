/* proposal_mend.c - changes what a trial of a proposal has shown to be wrong: an attribute that is not always
 * there, or is not always of its type; keys that are rare.
 */
#include "proposal_int.h"

#include <stdio.h>
#include <string.h>

static bool is_of(const rf_trial *trial, int i, const char *code)
{
    return strcmp(trial->tally[i].code, code) == 0;
}

/* The attribute that a reject is about: its sentence begins with the name. */
static rf_proposed_attr *attr_of(rf_proposal *p, const char *sample)
{
    for (int i = 0; i < p->n_attrs; i++) {
        char words[80];
        snprintf(words, sizeof words, ": %s", p->attrs[i].name);
        const char *at = strstr(sample, words);
        if (at != NULL && (at[strlen(words)] == ' ' || at[strlen(words)] == ':'))
            return &p->attrs[i];
    }
    return NULL;
}

static void drop_attr(rf_proposal *p, rf_proposed_attr *attr)
{
    size_t at = (size_t)(attr - p->attrs);
    memmove(attr, attr + 1, ((size_t)p->n_attrs - at - 1) * sizeof *attr);
    p->n_attrs--;
}

/* First it may be missing; then it is a category; then it goes. */
static void mend_attr(rf_proposal *p, rf_proposed_attr *attr, bool missing)
{
    if (attr->required) {
        attr->required = false;
        return;
    }
    if (!missing && (attr->type == RF_ATTR_NUMBER || attr->type == RF_ATTR_BOOLEAN) && !attr->age &&
        rf_column_distinct(&p->sample->columns[attr->column]) < 200) {
        attr->type = RF_ATTR_CATEGORY;
        attr->log1p = attr->ethers = false;
        attr->decimals = -1;
        attr->top = 20;
        return;
    }
    rf_doubt(p, "fields.attributes: \"%s\" is left out, because some of its values cannot be read",
             p->sample->columns[attr->column].name);
    drop_attr(p, attr);
}

rf_status rf_proposal_mend(bool *changed, rf_proposal *p, const rf_trial *trial, rf_err *err)
{
    rf_status st = RF_OK;
    *changed = false;
    if (trial->stopped == RF_E_INVALID && strstr(trial->why, "ingest.absent_keys") != NULL &&
        !p->absent_keys) {
        p->absent_keys = *changed = true;
        return RF_OK;
    }
    for (int i = 0; i < trial->n_tally && !*changed; i++) {
        bool few =
            (double)trial->tally[i].records < 0.0005 * (double)trial->read && trial->tally[i].records < 20;
        rf_proposed_attr *attr = attr_of(p, trial->tally[i].sample);
        if (attr == NULL || (few && is_of(trial, i, "text_too_long")))
            continue;
        mend_attr(p, attr, is_of(trial, i, "missing_field"));
        *changed = true;
    }
    for (rf_role role = 0; role < RF_ROLES && *changed; role++)
        RF_TRY(rf_choice_describe(p, role, err));
done:
    return st;
}
