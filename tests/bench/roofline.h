/* roofline.h - what this machine can do at this moment: bytes a second between memory and all threads, and
 * multiplications and additions a second in products.
 *
 * Neighbours on the machine slow both; so a benchmark measures them in its own run, before and after what it
 * compares with them, and keeps the better.
 */
#ifndef ROOFLINE_H
#define ROOFLINE_H

#include "rf_pool.h"

typedef struct roofline_rate {
    double by_clock, by_cpu; /* a second, and a second of processor time (of all threads together) */
} roofline_rate;

typedef struct roofline {
    roofline_rate bytes; /* a[i] = b[i] + 3 c[i] over 3 x 96 MB (STREAM's triad): 12 bytes an element */
    roofline_rate flops; /* products of 384 x 384 matrices, in the caches: 2 * 384^3 each */
} roofline;

/* Measures all (about half a second, 300 MB that are given back) and raises what is lower in *best. Ends the
 * program where memory is refused. */
void roofline_raise(roofline *best, rf_pool *pool);

/* Seconds of processor time of this process, all threads together. */
double cpu_seconds(void);

#endif
