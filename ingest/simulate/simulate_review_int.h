/* simulate_review_int.h - the words of a review. */
#ifndef RF_SIMULATE_REVIEW_INT_H
#define RF_SIMULATE_REVIEW_INT_H

#include <stdint.h>

typedef enum rf_sim_wording {
    RF_SIM_WORDLESS, /* stars only */
    RF_SIM_OWN_WORDS,
    RF_SIM_STOCK_PHRASE, /* what many strangers write, or take over from an app's proposals */
    RF_SIM_PAID_WORDS    /* a longer text that its group shares, with some words swapped */
} rf_sim_wording;

typedef struct rf_sim_words {
    uint8_t wording, kind, rating;
    uint64_t seed;  /* the same seed, wording, kind and rating: the same text */
    uint64_t twist; /* which words of a paid text are swapped */
} rf_sim_words;

enum { RF_SIM_REVIEW_TEXT = 384 };
void rf_sim_review(char out[RF_SIM_REVIEW_TEXT], const rf_sim_words *words);

#endif
