/* feature_sort.c - puts a node's cells into the order of time: a stable merge sort without allocation.
 *
 * A node's cells come as one ordered run a partner, so halves that already follow each other are only copied.
 */
#include "feature_row_int.h"

#include <string.h>

#define RUN 16

static void merge(rf_keyed *out, const rf_keyed *a, int64_t n_a, const rf_keyed *b, int64_t n_b)
{
    if (n_b == 0 || a[n_a - 1].key <= b[0].key) {
        memcpy(out, a, (size_t)n_a * sizeof *out);
        memcpy(out + n_a, b, (size_t)n_b * sizeof *out);
        return;
    }
    int64_t i = 0, j = 0;
    while (i < n_a && j < n_b)
        *out++ = b[j].key < a[i].key ? b[j++] : a[i++];
    memcpy(out, a + i, (size_t)(n_a - i) * sizeof *out);
    out += n_a - i;
    memcpy(out, b + j, (size_t)(n_b - j) * sizeof *out);
}

void rf_sort_keyed(rf_keyed *items, rf_keyed *spare, int64_t n)
{
    rf_keyed *from = items, *to = spare;

    for (int64_t start = 0; start < n; start += RUN) { /* short runs, each by insertion */
        int64_t end = n - start < RUN ? n : start + RUN;
        for (int64_t i = start + 1; i < end; i++) {
            rf_keyed item = items[i];
            int64_t at = i;
            for (; at > start && items[at - 1].key > item.key; at--)
                items[at] = items[at - 1];
            items[at] = item;
        }
    }
    for (int64_t run = RUN; run < n; run *= 2) {
        for (int64_t at = 0; at < n; at += 2 * run) {
            int64_t left = n - at < run ? n - at : run;
            int64_t right = n - at - left < run ? n - at - left : run;
            merge(to + at, from + at, left, from + at + left, right);
        }
        rf_keyed *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, (size_t)n * sizeof *items);
}
