/* spell_text.c - texts as they are meant: letters without marks, and words without case, width and
 * punctuation.
 *
 * What a character is says utf8proc, by its tables of Unicode.
 */
#include "spell_int.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>
#include <xxhash.h>

#include "id_spelling_int.h"
#include "rf_text.h"
#include "unseen_int.h"

#define MOST_CODES 32 /* of one character, decomposed; Unicode has 18 */

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

/* ---- words ---- */

typedef struct open_word {
    char bytes[256];
    size_t n;
    uint64_t before; /* of what did not fit */
    bool any;
} open_word;

typedef struct word_reader {
    open_word word;
    rf_take_word *take;
    void *to;
    size_t n;
} word_reader;

static void end_word(word_reader *r)
{
    open_word *word = &r->word;
    if (!word->any)
        return;
    r->take(r->to, XXH3_64bits_withSeed(word->bytes, word->n, word->before));
    r->n++;
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

const char *rf_spell_words(rf_span text, rf_take_word *take, void *to)
{
    word_reader r = {.take = take, .to = to};
    for (size_t i = 0, len; i < text.len; i += len) {
        uint32_t code = 0;
        len = rf_utf8_decode(&code, text.ptr + i, text.len - i);
        if (len == 0)
            return "is no UTF-8";
        if (rf_code_is_invisible(code))
            continue;
        bool alone = is_word_alone(code), belongs = is_of_word(code);
        if (alone || !belongs)
            end_word(&r);
        if (belongs)
            add_to_word(&r.word, code);
        if (alone)
            end_word(&r);
    }
    end_word(&r);
    return r.n == 0 ? "has no word" : NULL;
}
