/* rf_texts.h - a column of strings in memory, in one block.
 */
#ifndef RF_TEXTS_H
#define RF_TEXTS_H

#include <stdint.h>

/* Text i is bytes[at[i]] up to the NUL before bytes[at[i + 1]]. One owner. */
typedef struct rf_texts {
    int64_t n;
    int64_t *at; /* n + 1 */
    char *bytes;
} rf_texts;

void rf_texts_clear(rf_texts *texts);                       /* NULL allowed */
const char *rf_texts_get(const rf_texts *texts, int64_t i); /* NULL when texts is empty */

#endif
