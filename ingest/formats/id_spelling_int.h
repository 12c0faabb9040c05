/* id_spelling_int.h - one spelling for ids that mean the same. */
#ifndef RF_ID_SPELLING_INT_H
#define RF_ID_SPELLING_INT_H

#include <locale.h>
#include <stdbool.h>

#include "rf_source.h"

typedef enum rf_spell {
    RF_SPELL_TRIM,    /* no spaces at both ends, nothing that nobody sees */
    RF_SPELL_LOWER,   /* small letters, of every script */
    RF_SPELL_SQUEEZE, /* trim, and one space for several */
    RF_SPELL_DIGITS,  /* the digits alone */
    RF_SPELL_WHOLE,   /* 100.0 is 100 */
} rf_spell;
#define RF_N_SPELL (RF_SPELL_WHOLE + 1)
#define RF_SPELL_STEPS 8
#define RF_SPELL_BYTES (4 * RF_MAX_ID_BYTES)

typedef struct rf_spelling {
    rf_spell steps[RF_SPELL_STEPS];
    int n;
    const char *key; /* of the settings that say so */
    locale_t locale; /* for small letters; 0: those of ASCII alone */
} rf_spelling;

/* Of users (RF_USER) or entities. */
RF_MUST_CHECK rf_status rf_spelling_init(rf_spelling *spelling, const rf_fields *fields, rf_side side,
                                         rf_err *err);
void rf_spelling_clear(rf_spelling *spelling);
/* The id itself, or another text in out. An id that is too long stays as it is. */
rf_span rf_spelling_apply(char out[RF_SPELL_BYTES], const rf_spelling *spelling, rf_span id);

/* "100.0": a table with gaps made a number of it, and 100 elsewhere is another id. */
bool rf_spelling_is_padded_number(rf_span id);

#endif
