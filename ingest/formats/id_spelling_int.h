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
    RF_SPELL_EMAIL_DOMAIN,
    RF_SPELL_EMAIL, /* email_canonical: the mailbox */
    RF_SPELL_PHONE,
    RF_SPELL_IP_PREFIX,
    RF_SPELL_ASCII, /* letters without marks */
    RF_SPELL_SIMHASH,
    RF_SPELL_MINHASH,
    RF_SPELL_WORDHASH,
    RF_SPELL_SHA256, /* keyed */
    RF_N_SPELL
} rf_spell;
#define RF_SPELL_STEPS 8
#define RF_SPELL_BYTES (4 * RF_MAX_ID_BYTES)
#define RF_SPELL_KEY 64

typedef struct rf_spell_step {
    rf_spell word;
    const char *told;     /* as the settings have it, with what is behind the word; borrowed */
    char country[4];      /* phone: of numbers without one; "": such numbers stay */
    int v4_bits, v6_bits; /* ip_prefix */
    rf_hash_key *key;     /* sha256; owned */
} rf_spell_step;

typedef struct rf_spelling {
    rf_spell_step steps[RF_SPELL_STEPS];
    int n;
    rf_side side;
    char key[RF_SPELL_KEY]; /* of the settings that say so */
    locale_t locale;        /* for small letters; 0: those of ASCII alone */
} rf_spelling;

/* Of users (RF_USER) or the entities of a kind (rf_entity_side). Keeps pointers to the words. */
RF_MUST_CHECK rf_status rf_spelling_init(rf_spelling *spelling, const rf_fields *fields, rf_side side,
                                         rf_err *err);
void rf_spelling_clear(rf_spelling *spelling);

typedef struct rf_spell_refusal {
    const rf_spell_step *step;
    const char *why; /* what is to be said behind the value: "has no @" */
} rf_spell_refusal;
/* *id becomes another text in out, or stays where it is. An id that is too long for a step (of more than
 * RF_MAX_ID_BYTES, where the step makes no hash of it) stays as it is. RF_SKIPPED: a step cannot take it. */
RF_MUST_CHECK rf_status rf_spelling_apply(rf_span *id, char out[RF_SPELL_BYTES], const rf_spelling *spelling,
                                          rf_spell_refusal *refusal, rf_err *err);

/* The first step makes a short id of a text of any length. */
bool rf_spelling_takes_long(const rf_spelling *spelling);

/* "100.0": a table with gaps made a number of it, and 100 elsewhere is another id. */
bool rf_spelling_is_padded_number(rf_span id);

#endif
