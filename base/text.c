/* text.c - growing text, UTF-8, and the nearest word. */
#include "rf_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

/* ---- growing text ---- */

static rf_status reserve(rf_text *text, size_t more, rf_err *err)
{
    size_t need;
    if (!rf_add_size(&need, text->len, more) || !rf_add_size(&need, need, 1))
        return rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__,
                          "out of memory: a text of more than SIZE_MAX bytes");
    void *block = text->ptr;
    rf_status st = rf_mem_reserve(&block, &text->cap, need, 1, err);
    text->ptr = block;
    return st;
}

rf_status rf_text_add(rf_text *text, const char *bytes, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(reserve(text, len, err));
    if (len > 0)
        memcpy(text->ptr + text->len, bytes, len);
    text->len += len;
    text->ptr[text->len] = '\0';
done:
    return st;
}

rf_status rf_text_printf(rf_text *text, rf_err *err, const char *format, ...)
{
    rf_status st = RF_OK;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        RF_FAIL(err, RF_E_INTERNAL, "the format \"%s\" cannot be printed", format);
    RF_TRY(reserve(text, (size_t)len, err));
    vsnprintf(text->ptr + text->len, (size_t)len + 1, format, again);
    text->len += (size_t)len;
done:
    va_end(again);
    va_end(args);
    return st;
}

rf_status rf_base64_add(rf_text *text, const char *bytes, size_t len, bool for_url, rf_err *err)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    rf_status st = RF_OK;
    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t group = 0;
        char quad[4];
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < n ? (unsigned char)bytes[i + k] : 0u);
        for (int k = 0; k < 4; k++) {
            uint32_t digit = group >> (18 - 6 * k) & 63;
            quad[k] = digit < 62    ? letters[digit]
                      : digit == 62 ? (for_url ? '-' : '+')
                                    : (for_url ? '_' : '/');
        }
        for (size_t k = n + 1; k < 4; k++)
            quad[k] = '=';
        RF_TRY(rf_text_add(text, quad, for_url ? n + 1 : 4, err));
    }
done:
    return st;
}

static int base64_digit(char c, bool for_url)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == (for_url ? '-' : '+') ? 62 : c == (for_url ? '_' : '/') ? 63 : -1;
}

rf_status rf_base64_read(rf_text *text, const char *base64, size_t len, bool for_url, rf_err *err)
{
    rf_status st = RF_OK;
    const char *kind = for_url ? "base64url" : "base64";
    size_t padding = len > 0 && base64[len - 1] == '=' ? 1u + (len > 1 && base64[len - 2] == '=') : 0u;
    size_t digits = len - padding;
    if (len % 4 != 0 && (!for_url || padding > 0 || len % 4 == 1))
        RF_FAIL(err, RF_E_PARSE, "is not %s: its last group of digits is cut off", kind);
    for (size_t i = 0; i < digits; i += 4) {
        size_t n = digits - i < 4 ? digits - i : 4;
        uint32_t bits = 0;
        char bytes[3];
        for (size_t k = 0; k < 4; k++) {
            int digit = k >= n ? 0 : base64_digit(base64[i + k], for_url);
            if (digit < 0)
                RF_FAIL(err, RF_E_PARSE, "is not %s at byte %zu", kind, i + k);
            bits = bits << 6 | (uint32_t)digit;
        }
        for (int k = 0; k < 3; k++)
            bytes[k] = (char)(unsigned char)(bits >> (16 - 8 * k));
        RF_TRY(rf_text_add(text, bytes, n - 1, err));
    }
done:
    return st;
}

void rf_text_reset(rf_text *text)
{
    text->len = 0;
    if (text->ptr != NULL)
        text->ptr[0] = '\0';
}

void rf_text_clear(rf_text *text)
{
    rf_mem_free(text->ptr);
    *text = (rf_text){0};
}

/* ---- UTF-8 ---- */

/* Length of the well-formed sequence at p (RFC 3629, table in section 4), or 0. */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
    unsigned char c = p[0], low = 0x80, high = 0xBF;
    size_t len;
    if (c < 0x80)
        return c != 0;
    if (c >= 0xC2 && c <= 0xDF)
        len = 2;
    else if (c >= 0xE0 && c <= 0xEF)
        len = 3;
    else if (c >= 0xF0 && c <= 0xF4)
        len = 4;
    else
        return 0;
    if (c == 0xE0)
        low = 0xA0; /* overlong */
    if (c == 0xED)
        high = 0x9F; /* surrogates */
    if (c == 0xF0)
        low = 0x90; /* overlong */
    if (c == 0xF4)
        high = 0x8F; /* above U+10FFFF */
    if (left < len || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    }
    return len;
}

size_t rf_utf8_decode(uint32_t *code, const char *bytes, size_t left)
{
    const unsigned char *p = (const unsigned char *)bytes;
    size_t len = p[0] == 0 ? 1 : utf8_sequence(p, left);
    if (len == 0)
        return 0;
    uint32_t value = len == 1 ? p[0] : p[0] & (0xFFU >> (len + 1));
    for (size_t i = 1; i < len; i++)
        value = value << 6 | (p[i] & 0x3FU);
    *code = value;
    return len;
}

/* Eight bytes at once: all ASCII and none of them NUL. */
static bool plain_ascii8(const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    return ((word | (word - ones)) & tops) == 0;
}

bool rf_utf8_valid(const char *bytes, size_t len)
{
    const unsigned char *p = (const unsigned char *)bytes;
    size_t i = 0;
    while (i < len) {
        if (len - i >= 8 && plain_ascii8(p + i)) {
            i += 8;
            continue;
        }
        if (len - i < 8 && len >= 8 && plain_ascii8(p + len - 8)) /* the end, and some once more */
            return true;
        if ((unsigned char)(p[i] - 1) < 0x7F) {
            i++;
            continue;
        }
        size_t step = utf8_sequence(p + i, len - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

/* ---- did you mean ---- */

#define LONGEST_WORD 64

/* Edits (insert, delete, replace, swap of neighbours) from a to b; both at most LONGEST_WORD long. */
static size_t edit_distance(const char *a, size_t len_a, const char *b, size_t len_b)
{
    size_t rows[3][LONGEST_WORD + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= len_b; j++)
        last[j] = j;
    for (size_t i = 1; i <= len_a; i++) {
        now[0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        size_t *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[len_b];
}

const char *rf_nearest(const char *word, const char *const *candidates)
{
    size_t len = strlen(word);
    if (len > LONGEST_WORD)
        return NULL;
    const char *best = NULL;
    size_t best_distance = len / 3 + 2; /* one edit in a short word, a third of a long one */
    for (; *candidates != NULL; candidates++) {
        size_t candidate_len = strlen(*candidates);
        if (candidate_len > LONGEST_WORD)
            continue;
        size_t distance = edit_distance(word, len, *candidates, candidate_len);
        if (distance < best_distance && distance < (len > candidate_len ? len : candidate_len)) {
            best = *candidates;
            best_distance = distance;
        }
    }
    return best;
}
