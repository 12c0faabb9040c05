/* rf_feature_words.h - features in words: what a column's name means, and how its values are printed.
 *
 * The words are a column of the features' table (feature_table.h). A name is matched against the table's
 * patterns, so that "device_max_ratio" is "largest device against its average" whatever attributes there are.
 * A name without a feature is printed as it is. Cost: a few string comparisons for each row of the table.
 */
#ifndef RF_FEATURE_WORDS_H
#define RF_FEATURE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum rf_unit {
    RF_UNIT_PLAIN,   /* 812.5 */
    RF_UNIT_COUNT,   /* 90; an expected count may be 2.4 */
    RF_UNIT_SHARE,   /* 0.81 is 81 % */
    RF_UNIT_SECONDS, /* 93,600 is 26 hours */
    RF_UNIT_LOG      /* 2.3 is e^2.3 = 10 */
} rf_unit;

typedef struct rf_words_piece {
    const char *text; /* part of the table or of the name; not ended by NUL */
    size_t len;
    bool is_name; /* a name from a configuration: underscores are read as spaces */
} rf_words_piece;

#define RF_WORDS_PIECES 8

typedef struct rf_feature_words {
    rf_words_piece piece[RF_WORDS_PIECES]; /* one after the other they are the words */
    int n_pieces;
    rf_unit unit;
    bool of_times;    /* made of when events happened */
    size_t attribute; /* length of the attribute's name that begins this name; 0: none does */
} rf_feature_words;

/* "largest amount" for "amount_max", "share of events with channel api" for "channel=api". The name comes
 * without "log1p_" and is borrowed. Texts from configurations and events are passed on as they are. */
rf_feature_words rf_feature_words_of(const char *name);

/* A figure of a number attribute, which the configuration of the attribute may have tamed (log1p). The name
 * comes without "log1p_". */
bool rf_feature_tamed_if_asked(const char *name);

#endif
