/* rf_escape.h - how texts of strangers stand in files: spelled where a format cannot hold a character, and
 * escaped as the format asks for.
 *
 * Whoever writes a file and whoever looks for an id in it use the same functions, so that an id is found in
 * every form that it was written in.
 */
#ifndef RF_ESCAPE_H
#define RF_ESCAPE_H

#include <stddef.h>

#include "rf_text.h"

/* Any bytes as text that a format can hold, losslessly: what it cannot hold becomes \u{HEX} (a character) or
 * \x{HEX} (a byte that is no UTF-8); a backslash in front of u{ or x{ becomes \u{5C}, so that the text can be
 * turned back. */
enum {
    RF_PLAIN_UTF8 = 0,  /* only broken UTF-8 is replaced */
    RF_PLAIN_XML = 1,   /* also what XML 1.0 cannot hold */
    RF_PLAIN_DOT = 2,   /* also line breaks, and a backslash before a quote, a backslash or the end */
    RF_PLAIN_LIST = 4,  /* also ; */
    RF_PLAIN_PEOPLE = 8 /* also what a viewer would obey instead of showing it (rf_quote.h) */
};
RF_MUST_CHECK rf_status rf_plain_add(rf_text *out, const char *text, unsigned how, rf_err *err);

typedef enum rf_escape {
    RF_ESCAPE_XML,    /* references for markup, tabs, line breaks, and what a terminal would obey */
    RF_ESCAPE_CSV,    /* inside of quotes: a quote is doubled */
    RF_ESCAPE_DOT,    /* inside of quotes: \" is the only escape */
    RF_ESCAPE_SCRIPT, /* JSON that no </script> can end */
    RF_ESCAPE_PAGE,   /* JSON inside of a page: nothing in it means something to HTML or ends a line */
    RF_ESCAPE_TOKEN   /* letters, digits, '.', '_' and '-' stay, every other byte becomes ":HH" */
} rf_escape;

#define RF_ESCAPE_MOST 12 /* bytes that one character becomes, with a NUL */

/* How many bytes at text stay as they are. */
size_t rf_escape_plain(rf_escape how, const char *text, size_t left);
/* The character at text (left > 0): *shown, of *n bytes, is in text if it stays, or else its spelling, in
 * `spelled` or constant. Returns how many bytes of text it takes. */
size_t rf_escape_next(const char **shown, size_t *n, char spelled[RF_ESCAPE_MOST], rf_escape how,
                      const char *text, size_t left);
RF_MUST_CHECK rf_status rf_escape_add(rf_text *out, rf_escape how, const char *text, size_t len, rf_err *err);

#endif
