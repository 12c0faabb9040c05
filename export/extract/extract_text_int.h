/* extract_text_int.h - ids and other untrusted texts, spelled for files and shortened for people. */
#ifndef RF_EXTRACT_TEXT_INT_H
#define RF_EXTRACT_TEXT_INT_H

#include "extract_int.h"

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
/* A node's key, where users and entities share one space of names: "user:ID" or "entity:ID", the same from
 * run to run. Letters, digits, '.', '_' and '-' of the id stay, every other byte becomes ":HH". */
RF_MUST_CHECK rf_status rf_node_key(rf_text *out, const rf_extract *extract, int64_t i, rf_err *err);
/* A short form of a text to read, not to look up: at most `most` characters and an ellipsis, without line
 * breaks, control characters and marks that turn the direction of writing. */
RF_MUST_CHECK rf_status rf_short_text(rf_text *out, const char *text, int most, rf_err *err);
/* The same of a node's id, up to 40 characters. */
RF_MUST_CHECK rf_status rf_node_label(rf_text *out, const rf_extract *extract, const rf_extract_node *node,
                                      rf_err *err);

#endif
