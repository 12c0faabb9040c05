/* number_text_int.h - numbers as people and offices write them: "1.084,50", "$ 12.00", "(48.50)". */
#ifndef RF_NUMBER_TEXT_INT_H
#define RF_NUMBER_TEXT_INT_H

#include "rf_source.h"
#include "rf_text.h"

#define RF_LONGEST_NUMBER 128 /* of those that are not written plainly */
/* The text as decimal digits that rf_scaled_parse reads: a part of it, or in buffer. What is no number by the
 * style becomes nothing, or stays what it is. */
rf_span rf_number_plain(char buffer[RF_LONGEST_NUMBER], const rf_number_style *style, rf_span text);
/* The text's number by rf_fixed_parse, spaces around it apart. */
rf_number_status rf_number_read(int64_t *out, const rf_number_style *style, rf_span text);
/* Without the white space at both ends, no-break spaces too. */
rf_span rf_number_trimmed(rf_span text);
/* Which setting would read a text that is no number, as the end of a sentence; "" where none would. */
const char *rf_number_hint(const rf_number_style *style, rf_span text);

#endif
