/* rf_quote.h - texts of strangers, for people: no character in them moves a cursor, ends a line, or turns
 * what follows round.
 *
 * What a terminal or a browser would obey instead of showing is spelled: \x1b for a byte (C0, DEL, and what
 * is no UTF-8), \u202e for a character (C1, line separators, marks and overrides of the direction of
 * writing). Formats for programs keep the text, and escape it in their own way.
 */
#ifndef RF_QUOTE_H
#define RF_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_text.h"

/* C0, DEL, C1, the line separators, and what is no character. */
bool rf_code_is_control(uint32_t code);
/* Turns the direction of what follows: with it one text looks like another. */
bool rf_code_turns(uint32_t code);

#define RF_QUOTE_MOST 8 /* bytes that one character becomes, with a NUL */

/* The character at text (left > 0) as people may see it: *shown, of *n bytes, is in text, or its spelling in
 * `spelled`. Returns how many bytes of text it takes. */
size_t rf_quote_next(const char **shown, size_t *n, char spelled[RF_QUOTE_MOST], const char *text,
                     size_t left);

/* Adds a text of one line. */
RF_MUST_CHECK rf_status rf_quote_add(rf_text *out, const char *text, size_t len, rf_err *err);
/* Adds lines: \n and \t stay. */
RF_MUST_CHECK rf_status rf_quote_add_lines(rf_text *out, const char *text, size_t len, rf_err *err);
/* As much of a text of one line as `size` holds, NUL-terminated; ends between characters. */
void rf_quote_copy(char *out, size_t size, const char *text);
/* The same with "..." in place of what does not fit; size > 3. Returns out. */
const char *rf_quote_short(char *out, size_t size, const char *text, size_t len);

/* Ids in sentences: a UUID, say, is said in full, and of a longer id the beginning. */
#define RF_SAID_ID 40              /* bytes, the mark included */
#define RF_SAID_CUT "\xe2\x80\xa6" /* an ellipsis says that there is more */
/* How many bytes of UTF-8 text are said; fewer than len: the mark follows. Ends between characters. */
size_t rf_quote_said(const char *text, size_t len);

#endif
