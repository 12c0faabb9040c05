/* proposal_mend.c - changes what a trial of a proposal has shown to be wrong: an attribute that is not always
 * there, or is not always of its type; keys that are rare.
 */
#include "proposal_int.h"

#include <stdio.h>
#include <string.h>

static void drop_attr(rf_proposal *p, rf_proposed_attr *attr)
{
    size_t at = (size_t)(attr - p->attrs);
    rf_doubt(p, "fields.attributes: \"%s\" is left out, because some of its values cannot be read",
             p->sample->columns[attr->column].name);
    memmove(attr, attr + 1, ((size_t)p->n_attrs - at - 1) * sizeof *attr);
    p->n_attrs--;
}

static bool may_be_category(const rf_proposal *p, const rf_proposed_attr *attr)
{
    return (attr->type == RF_ATTR_NUMBER || attr->type == RF_ATTR_BOOLEAN) && !attr->age &&
           rf_column_distinct(&p->sample->columns[attr->column]) < 200;
}

/* One that is missing somewhere may be; one that says something else is a category, or goes. */
static void mend_attr(rf_proposal *p, rf_proposed_attr *attr, const rf_attr_rejects *seen)
{
    bool lacked = attr->required && seen->lack > 0;
    if (lacked)
        attr->required = false;
    if (lacked && seen->lack == seen->records)
        return;
    if (!may_be_category(p, attr)) {
        drop_attr(p, attr);
        return;
    }
    attr->type = RF_ATTR_CATEGORY;
    attr->log1p = attr->ethers = false;
    attr->decimals = -1;
    attr->top = 20;
}

/* A few long texts among very many are no reason to do without the others. */
static bool may_stay(const rf_trial *trial, const rf_attr_rejects *seen)
{
    bool few = (double)seen->records < 0.0005 * (double)trial->read && seen->records < 20;
    return seen->records == 0 || (few && seen->too_long == seen->records);
}

void rf_proposal_mend(bool *changed, rf_proposal *p, const rf_trial *trial)
{
    *changed = false;
    if (trial->stopped == RF_E_INVALID && strstr(trial->why, "ingest.absent_keys") != NULL &&
        !p->absent_keys) {
        p->absent_keys = *changed = true;
        return;
    }
    for (int i = p->n_attrs - 1; i >= 0; i--) { /* from the end: some go */
        if (may_stay(trial, &trial->attrs[i]))
            continue;
        mend_attr(p, &p->attrs[i], &trial->attrs[i]);
        *changed = true;
    }
}
