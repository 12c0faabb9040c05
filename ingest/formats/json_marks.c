/* json_marks.c - where the quotes of a JSON record are, 64 bytes at a time.
 *
 * With AVX-512 (Ice Lake, Zen 4) one instruction moves the places of a block's quotes together, so all marks
 * of a record cost less than reading two of its keys. Where the places must be taken bit by bit, it costs
 * more than the marks are worth, so other processors read without them.
 */
#include "json_marks_int.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,popcnt")))
#define BLOCK 64u

/* The places in the block are bytes one after the other; `from` is the block's own. */
WIDE static inline void put_half(uint16_t *to, __m256i places, size_t from)
{
    const __m512i wide = _mm512_add_epi16(_mm512_cvtepu8_epi16(places), _mm512_set1_epi16((short)from));
    _mm512_storeu_si512(to, wide);
}

/* Gives their number. What is written too much is overwritten by the next block. */
WIDE static inline size_t put_places(uint16_t *to, __mmask64 quotes, size_t from)
{
    static const uint8_t places[BLOCK] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                          16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                          32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                          48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const __m512i found = _mm512_maskz_compress_epi8(quotes, _mm512_loadu_si512(places));
    const size_t n = (size_t)__builtin_popcountll(quotes);
    put_half(to, _mm512_castsi512_si256(found), from);
    if (n > BLOCK / 2)
        put_half(to + BLOCK / 2, _mm512_extracti64x4_epi64(found, 1), from);
    return n;
}

WIDE static bool find_marks(rf_json_marks *marks, rf_span record)
{
    const __m512i quote = _mm512_set1_epi8('"'), backslash = _mm512_set1_epi8('\\'),
                  space = _mm512_set1_epi8(' ');
    __mmask64 other = 0, high = 0;
    marks->n = 0;
    if (record.len < RF_JSON_MARKED_LEAST || record.len > RF_JSON_MARKED_MOST)
        return false;
    for (size_t from = 0; from < record.len; from += BLOCK) {
        const size_t left = record.len - from;
        const __mmask64 there = left < BLOCK ? (UINT64_C(1) << left) - 1 : UINT64_MAX;
        const __m512i block = _mm512_maskz_loadu_epi8(there, record.ptr + from);
        other |= _mm512_cmpeq_epi8_mask(block, backslash) | _mm512_mask_cmplt_epu8_mask(there, block, space);
        high |= _mm512_movepi8_mask(block);
        marks->n += put_places(marks->at + marks->n, _mm512_cmpeq_epi8_mask(block, quote), from);
        if (marks->n > RF_JSON_MARKS)
            return false;
    }
    marks->at[marks->n] = (uint16_t)record.len;
    marks->high = high != 0;
    return other == 0 && marks->n % 2 == 0;
}

rf_json_find_marks *rf_json_marks_finder(void)
{
    bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2") &&
                __builtin_cpu_supports("popcnt");
    return wide ? find_marks : NULL;
}

#else

rf_json_find_marks *rf_json_marks_finder(void)
{
    return NULL;
}

#endif
