/* spell_text.c - texts as they are meant: letters without marks, and the 64-bit fingerprint of the words of a
 * text, of which nearly the same texts have nearly the same (Charikar, STOC 2002: similarity estimation by
 * rounding).
 *
 * What a character is says utf8proc, by its tables of Unicode.
 */
#include "spell_int.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>
#include <xxhash.h>

#include "id_spelling_int.h"
#include "rf_text.h"
#include "unseen_int.h"

#define MOST_CODES 32 /* of one character, decomposed; Unicode has 18 */
#define SHINGLE 3     /* words */
#define BITS 64

static bool is_ascii(rf_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    }
    return true;
}

/* What is left of a character, in UTF-8; at most 4 * MOST_CODES bytes. */
static size_t put_decomposed(char *out, uint32_t code, int options)
{
    utf8proc_int32_t codes[MOST_CODES];
    int boundary = 0; /* not asked for */
    size_t n = 0;
    utf8proc_ssize_t found = utf8proc_decompose_char((utf8proc_int32_t)code, codes, MOST_CODES,
                                                     (utf8proc_option_t)options, &boundary);
    for (utf8proc_ssize_t i = 0; i < found && i < MOST_CODES; i++)
        n += (size_t)utf8proc_encode_char(codes[i], (utf8proc_uint8_t *)out + n);
    return n;
}

/* Marks go, so their order, in which NFKD would put them, does not matter. */
rf_span rf_spell_ascii(char *out, rf_span text)
{
    char other[RF_SPELL_BYTES];
    size_t n = 0;
    if (is_ascii(text))
        return text;
    for (size_t i = 0, len; i < text.len && n <= RF_MAX_ID_BYTES; i += len) {
        uint32_t code = 0;
        len = rf_utf8_decode(&code, text.ptr + i, text.len - i);
        if (len == 0)
            return text;
        n += put_decomposed(other + n, code, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK);
    }
    memcpy(out, other, n);
    return (rf_span){out, n};
}

/* ---- simhash ---- */

typedef struct fingerprint {
    uint64_t last[SHINGLE]; /* the last words; in turn */
    int64_t n;
    int32_t sums[BITS]; /* shingles that have the bit, less those that do not */
} fingerprint;

typedef struct open_word {
    char bytes[256];
    size_t n;
    uint64_t before; /* of what did not fit */
    bool any;
} open_word;

static void add_shingle(fingerprint *to, int of)
{
    XXH64_canonical_t parts[SHINGLE];
    for (int i = 0; i < of; i++)
        XXH64_canonicalFromHash(&parts[i], to->last[(to->n - of + i) % SHINGLE]);
    uint64_t hash = XXH3_64bits(parts, (size_t)of * sizeof *parts);
    for (int bit = 0; bit < BITS; bit++)
        to->sums[bit] += (hash >> bit & 1) != 0 ? 1 : -1;
}

static void end_word(fingerprint *to, open_word *word)
{
    if (!word->any)
        return;
    to->last[to->n % SHINGLE] = XXH3_64bits_withSeed(word->bytes, word->n, word->before);
    to->n++;
    if (to->n >= SHINGLE)
        add_shingle(to, SHINGLE);
    word->n = 0;
    word->before = 0;
    word->any = false;
}

static void add_to_word(open_word *word, uint32_t code)
{
    if (word->n + 4 * MOST_CODES > sizeof word->bytes) {
        word->before = XXH3_64bits_withSeed(word->bytes, word->n, word->before);
        word->n = 0;
    }
    if (code < 0x80)
        word->bytes[word->n++] = (char)(code >= 'A' && code <= 'Z' ? code | 0x20 : code);
    else
        word->n += put_decomposed(word->bytes + word->n, code,
                                  UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
    word->any = true;
}

/* Letters, their marks, and digits. */
static bool is_of_word(uint32_t code)
{
    if (code < 0x80)
        return (code >= '0' && code <= '9') || ((code | 0x20) >= 'a' && (code | 0x20) <= 'z');
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/* Chinese and Japanese have no spaces between words. */
static bool is_word_alone(uint32_t code)
{
    return (code >= 0x3040 && code <= 0x30FF) || (code >= 0x3400 && code <= 0x4DBF) ||
           (code >= 0x4E00 && code <= 0x9FFF) || (code >= 0xF900 && code <= 0xFAFF) ||
           (code >= 0x20000 && code <= 0x3FFFF);
}

const char *rf_spell_simhash(rf_span *text, char *out)
{
    fingerprint all = {.n = 0};
    open_word word = {.n = 0};
    uint64_t hash = 0;
    for (size_t i = 0, len; i < text->len; i += len) {
        uint32_t code = 0;
        len = rf_utf8_decode(&code, text->ptr + i, text->len - i);
        if (len == 0)
            return "is no UTF-8";
        if (rf_code_is_invisible(code))
            continue;
        bool alone = is_word_alone(code), belongs = is_of_word(code);
        if (alone || !belongs)
            end_word(&all, &word);
        if (belongs)
            add_to_word(&word, code);
        if (alone)
            end_word(&all, &word);
    }
    end_word(&all, &word);
    if (all.n == 0)
        return "has no word";
    if (all.n < SHINGLE)
        add_shingle(&all, (int)all.n);
    for (int bit = 0; bit < BITS; bit++)
        hash |= (uint64_t)(all.sums[bit] > 0) << bit;
    text->len = (size_t)snprintf(out, BITS / 4 + 1, "%016llx", (unsigned long long)hash);
    text->ptr = out;
    return NULL;
}
