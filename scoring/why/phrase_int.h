/* phrase_int.h - features in words: what a column is called and how its values are read aloud. */
#ifndef RF_PHRASE_INT_H
#define RF_PHRASE_INT_H

#include <stddef.h>

#define RF_PHRASE_TEXT 160

typedef enum rf_unit {
    RF_UNIT_PLAIN,   /* 812.5 */
    RF_UNIT_COUNT,   /* 90; an expected count may be 2.4 */
    RF_UNIT_SHARE,   /* 0.81 is 81 % */
    RF_UNIT_SECONDS, /* 93,600 is 26 hours */
    RF_UNIT_LOG      /* 2.3 is e^2.3 = 10 */
} rf_unit;

/* "largest amount" for "amount_max": whole UTF-8 characters, without control characters and marks that turn
 * the direction of writing, cut to fit. Names of attributes come from configurations, names of categories'
 * values from events. */
rf_unit rf_phrase_name(char out[RF_PHRASE_TEXT], const char *feature);
/* How many of the name's first bytes are an attribute's ("amount" of "amount_max"); 0 for any other name. */
size_t rf_phrase_attribute(const char *feature);
char *rf_phrase_value(char out[32], rf_unit unit, double value); /* returns out */

/* Appends text to a NUL-terminated buffer of `cap` bytes, cut between characters where it does not fit. */
void rf_phrase_add(char *out, size_t cap, const char *text);

#endif
