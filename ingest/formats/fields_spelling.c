/* fields_spelling.c - what is asked about the spelling of ids without reading events: which words are told,
 * what they are called in the identity of a state, how one id is spelt, and whether ids are personal.
 */
#include <string.h>

#include "id_spelling_int.h"
#include "rf_mem.h"
#include "rf_text.h"

int rf_fields_kinds(const rf_fields *fields)
{
    return fields->schema == NULL ? 1 : rf_schema_kinds(fields->schema);
}

const char *rf_fields_entity(rf_more_names *more, const rf_fields *fields, int kind)
{
    *more = kind == 0 ? fields->entity_more : fields->others[kind - 1].more;
    return kind == 0 ? fields->entity : fields->others[kind - 1].field;
}

rf_spelling_words rf_fields_spelling(const rf_fields *fields, rf_side side)
{
    const int kind = rf_side_kind(side);
    const rf_spelling_words *own = side == RF_USER ? &fields->user_normalise
                                   : kind == 0     ? &fields->entity_normalise
                                                   : &fields->others[kind - 1].normalise;
    return own->words != NULL ? *own : (rf_spelling_words){fields->normalise, fields->n_normalise};
}

rf_status rf_fields_spelling_text(rf_text *out, const rf_fields *fields, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    char check[RF_HASH_CHECK];
    rf_spelling spelling;
    RF_TRY(rf_spelling_init(&spelling, fields, side, err));
    for (int i = 0; i < spelling.n; i++) {
        const rf_spell_step *step = &spelling.steps[i];
        RF_TRY(rf_text_printf(out, err, i == 0 ? "" : ", "));
        if (step->key == NULL) {
            RF_TRY(rf_text_printf(out, err, "%s", step->told));
            continue;
        }
        RF_TRY(rf_hash_key_check(check, step->key, err));
        RF_TRY(rf_text_printf(out, err, "sha256 %s", check));
    }
done:
    rf_spelling_clear(&spelling);
    return st;
}

struct rf_speller {
    rf_spelling spelling;
    char place[RF_SPELL_BYTES];
};

rf_status rf_speller_new(rf_speller **out, const rf_fields *fields, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    rf_speller *speller = NULL;
    RF_ZERO(speller, 1, err);
    RF_TRY(rf_spelling_init(&speller->spelling, fields, side, err));
    *out = speller;
    speller = NULL;
done:
    rf_speller_free(speller);
    return st;
}

rf_status rf_speller_spell(rf_speller *speller, rf_span *id, rf_err *err)
{
    rf_spell_refusal refusal;
    rf_status st = rf_spelling_apply(id, speller->place, &speller->spelling, &refusal, err);
    return st == RF_OK && id->len == 0 ? RF_SKIPPED : st;
}

void rf_speller_free(rf_speller *speller)
{
    if (speller == NULL)
        return;
    rf_spelling_clear(&speller->spelling);
    rf_mem_free(speller);
}

bool rf_fields_hide_ids(const rf_fields *fields, rf_side side)
{
    const rf_spelling_words told = rf_fields_spelling(fields, side);
    for (int i = 0; i < told.n; i++) {
        if (strcspn(told.words[i], " ") == 6 && strncmp(told.words[i], "sha256", 6) == 0)
            return true;
    }
    return false;
}

bool rf_source_hides_ids(const rf_source_options *options)
{
    bool hides = options->pseudonym_key != NULL || rf_fields_hide_ids(&options->fields, RF_USER);
    for (int k = 0; k < rf_fields_kinds(&options->fields); k++)
        hides = hides || rf_fields_hide_ids(&options->fields, rf_entity_side(k));
    return hides;
}
