/* role_spelling.c - are some users or entities the same ones in another spelling? "Ann" and "ann ", "100" and
 * "100.0" would be two; fields.normalise makes one of both.
 */
#include "proposal_int.h"
#include "rf_count.h"

#include <string.h>

#include "id_spelling_int.h"
#include "rf_mem.h"

#define STEPS 3

static const char *const steps[STEPS] = {"trim", "lower", "whole"};
static const char *const whys[STEPS] = {"spaces", "capitals", "decimals such as .0"};
static const int least[STEPS] = {1, 2, 1}; /* spellings more that are a sign: capitals can mean something */

typedef struct spellings {
    int column;
    rf_spelling spelling[STEPS];
    rf_idmap *raw, *spelt[STEPS];
} spellings;

static rf_status add_id(void *context, const rf_cell *cells, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    spellings *s = context;
    char out[RF_SPELL_BYTES];
    uint32_t id;
    for (size_t i = 0; i < n; i++) {
        rf_span text = cells[i].raw.text;
        if (cells[i].column != s->column || !rf_raw_has_text(&cells[i].raw) || text.len == 0)
            continue;
        RF_TRY(rf_idmap_intern(s->raw, text.ptr, text.len, &id, NULL, err));
        for (int step = 0; step < STEPS; step++) {
            rf_span spelt = text;
            rf_spell_refusal refusal; /* these steps take everything */
            RF_TRY(rf_spelling_apply(&spelt, out, &s->spelling[step], &refusal, err));
            RF_TRY(
                rf_idmap_intern(s->spelt[step], spelt.len == 0 ? "" : spelt.ptr, spelt.len, &id, NULL, err));
        }
    }
done:
    return st;
}

static rf_status begin(spellings *s, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_idmap_new(&s->raw, err));
    for (int step = 0; step < STEPS; step++) {
        const rf_fields fields = {.normalise = &steps[step], .n_normalise = 1};
        RF_TRY(rf_idmap_new(&s->spelt[step], err));
        RF_TRY(rf_spelling_init(&s->spelling[step], &fields, RF_USER, err));
    }
done:
    return st;
}

static void end(spellings *s)
{
    rf_idmap_free(s->raw);
    for (int step = 0; step < STEPS; step++) {
        rf_idmap_free(s->spelt[step]);
        rf_spelling_clear(&s->spelling[step]);
    }
}

/* How many values of the column each step makes the same as others. */
static rf_status count_same(int64_t same[STEPS], rf_proposal *p, int column, rf_err *err)
{
    rf_status st = RF_OK;
    spellings s = {.column = column};
    const rf_row_reader reader = {add_id, &s};
    RF_TRY(begin(&s, err));
    RF_TRY(rf_sample_rows(p->sample, &reader, err));
    for (int step = 0; step < STEPS; step++)
        same[step] = (int64_t)rf_idmap_count(s.raw) - (int64_t)rf_idmap_count(s.spelt[step]);
done:
    end(&s);
    return st;
}

rf_status rf_find_spelling(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    bool found[STEPS] = {false};
    for (rf_role role = RF_ROLE_USER; role <= RF_ROLE_ENTITY; role++) {
        const rf_choice *side = &p->roles[role];
        int64_t same[STEPS];
        int column = rf_last_column(side);
        rf_side of = role == RF_ROLE_USER ? RF_USER : RF_ENTITY;
        if (column < 0 || rf_fields_spelling(&p->told.options->fields, of).words != NULL)
            continue;
        RF_TRY(count_same(same, p, column, err));
        for (int step = 0; step < STEPS; step++) {
            if (same[step] < least[step])
                continue;
            found[step] = true;
            rf_doubt(p, "fields.normalise: %s %s with other %s, and taken as %s: %s",
                     RF_THINGS(same[step], rf_side_name(of)), same[step] == 1 ? "is another" : "are others",
                     whys[step], same[step] == 1 ? "it" : "them", steps[step]);
        }
    }
    for (int step = 0; step < STEPS; step++) {
        if (found[step])
            p->normalise[p->n_normalise++] = steps[step];
    }
done:
    return st;
}
