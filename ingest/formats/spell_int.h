/* spell_int.h - steps of a spelling that know what an id is: an address of some kind.
 *
 * Each makes another text of the one that is there, in out (RF_SPELL_BYTES), in which it may lie already.
 * They return NULL, or why they cannot: words for people behind the value, such as "has no @". The text is
 * then what it was.
 */
#ifndef RF_SPELL_INT_H
#define RF_SPELL_INT_H

#include <locale.h>
#include <stdint.h>

#include "rf_event.h"

/* The domain in small letters. */
const char *rf_spell_email_domain(rf_span *text, char *out, locale_t locale);
/* The address as its provider sees it; of an unknown one the domain in small letters. */
const char *rf_spell_email(rf_span *text, char *out, locale_t locale);

/* The digits behind the +, where the number has a country or `country` says it ("49", "": none). */
const char *rf_spell_phone(rf_span *text, char *out, const char *country);

/* The network of so many bits, as "192.0.2.0/24" or "2001:db8::/56". */
const char *rf_spell_ip_prefix(rf_span *text, char *out, int v4_bits, int v6_bits);

/* ---- spell_text.c ---- */
/* Unicode's compatibility decomposition (NFKD) without marks; longer than RF_MAX_ID_BYTES: the beginning. */
rf_span rf_spell_ascii(char *out, rf_span text);
/* Gives the hash of each word of the text to `take`; a character of Chinese or Japanese is a word. */
typedef void rf_take_word(void *to, uint64_t word);
const char *rf_spell_words(rf_span text, rf_take_word *take, void *to);

/* ---- spell_fingerprint.c: 16 hex digits ---- */
/* Nearly the same words in nearly the same order give nearly the same bits. */
const char *rf_spell_simhash(rf_span *text, char *out);
/* Nearly the same words and pairs of words give nearly the same bits, by far nearer ones than simhash. */
const char *rf_spell_minhash(rf_span *text, char *out);
/* Nearly the same words in any order do, also in short texts. */
const char *rf_spell_wordhash(rf_span *text, char *out);

/* ---- id_spelling.c ---- */
rf_span rf_spell_trimmed(rf_span text); /* without spaces at its ends */
rf_span rf_spell_lowered(char *out, rf_span text, locale_t locale);

#endif
