/* rf_block.h - several bytes looked at at once: sixteen by SSE2, which every x86-64 has, else eight in a
 * word.
 *
 * A choice marks some bytes of a block; its bits are a number with bit i for byte i. Both ways choose the
 * same, so what is built on them gives the same results everywhere.
 */
#ifndef RF_BLOCK_H
#define RF_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) && !defined(RF_BLOCK_OF_WORDS)
#include <emmintrin.h>

#define RF_BLOCK 16

typedef __m128i rf_block;
typedef __m128i rf_block_choice;

static inline rf_block rf_block_at(const void *bytes)
{
    return _mm_loadu_si128((const __m128i *)bytes);
}

static inline rf_block rf_block_filled(char c)
{
    return _mm_set1_epi8(c);
}

/* Bytes that are the same in both. */
static inline rf_block_choice rf_block_same(rf_block a, rf_block b)
{
    return _mm_cmpeq_epi8(a, b);
}

/* Bytes below a limit of 1 to 128. */
static inline rf_block_choice rf_block_below(rf_block block, unsigned char limit)
{
    return _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8((char)(limit - 1))), block);
}

static inline rf_block rf_block_xor(rf_block a, rf_block b)
{
    return _mm_xor_si128(a, b);
}

static inline rf_block rf_block_and(rf_block a, rf_block b)
{
    return _mm_and_si128(a, b);
}

static inline rf_block_choice rf_block_or(rf_block_choice a, rf_block_choice b)
{
    return _mm_or_si128(a, b);
}

static inline uint64_t rf_block_bits(rf_block_choice choice)
{
    return (uint32_t)_mm_movemask_epi8(choice);
}

static inline bool rf_block_is_zero(rf_block block)
{
    return _mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_setzero_si128())) == 0xFFFF;
}

#else

#define RF_BLOCK 8

typedef uint64_t rf_block;
typedef uint64_t rf_block_choice; /* the top bit of each chosen byte; the others mean nothing */

#define RF_BLOCK_EACH UINT64_C(0x0101010101010101)
#define RF_BLOCK_LOW UINT64_C(0x7F7F7F7F7F7F7F7F)

static inline rf_block rf_block_at(const void *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline rf_block rf_block_filled(char c)
{
    return RF_BLOCK_EACH * (unsigned char)c;
}

/* Bytes that are the same in both. */
static inline rf_block_choice rf_block_same(rf_block a, rf_block b)
{
    a ^= b;
    return ~(((a & RF_BLOCK_LOW) + RF_BLOCK_LOW) | a);
}

/* Bytes below a limit of 1 to 128. */
static inline rf_block_choice rf_block_below(rf_block block, unsigned char limit)
{
    return ~(((block & RF_BLOCK_LOW) + RF_BLOCK_EACH * (128u - limit)) | block);
}

static inline rf_block rf_block_xor(rf_block a, rf_block b)
{
    return a ^ b;
}

static inline rf_block rf_block_and(rf_block a, rf_block b)
{
    return a & b;
}

static inline rf_block_choice rf_block_or(rf_block_choice a, rf_block_choice b)
{
    return a | b;
}

/* The product brings each top bit to its place among the highest eight. */
static inline uint64_t rf_block_bits(rf_block_choice choice)
{
    return (choice & ~RF_BLOCK_LOW) * UINT64_C(0x0002040810204081) >> 56;
}

static inline bool rf_block_is_zero(rf_block block)
{
    return block == 0;
}

#endif

static inline rf_block_choice rf_block_equal(rf_block block, char c)
{
    return rf_block_same(block, rf_block_filled(c));
}

/* Bytes that are not ASCII. */
static inline uint64_t rf_block_high_bits(rf_block block)
{
    return rf_block_bits(block);
}

static inline rf_block_choice rf_block_digits(rf_block block)
{
    return rf_block_below(rf_block_xor(block, rf_block_filled('0')), 10);
}

/* 1 to 8 bytes as a number whose lowest byte is the first; zeros follow. Pieces that overlap make it, so
 * nothing behind them is read. */
static inline uint64_t rf_word_of(const char *bytes, size_t len)
{
    const unsigned char *p = (const unsigned char *)bytes;
    uint32_t first, last;
    if (len < sizeof first)
        return p[0] | (uint64_t)p[len / 2] << (8 * (len / 2)) | (uint64_t)p[len - 1] << (8 * (len - 1));
    memcpy(&first, p, sizeof first);
    memcpy(&last, p + len - sizeof last, sizeof last);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    first = __builtin_bswap32(first);
    last = __builtin_bswap32(last);
#endif
    return first | (uint64_t)last << (8 * (len - sizeof last));
}

/* The bits below the lowest one; all of them where there is none. */
static inline uint64_t rf_bits_before(uint64_t bits)
{
    return (bits & (0 - bits)) - 1;
}

#endif
