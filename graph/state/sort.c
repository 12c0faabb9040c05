/* sort.c - sorts (number, value) keys in place: quicksort that falls back to heapsort, insertion sort for
 * few.
 *
 * Serves rewrite.c, whose runs are mostly a user's dozen cells and sometimes one user's million. qsort cannot
 * be used, because it may allocate without rf_mem.
 */
#include "sort_int.h"

#include <stdbool.h>

#define FEW 24

typedef struct sorter {
    rf_sort_key *keys;
    int (*tie)(void *context, uint32_t a, uint32_t b);
    void *context;
} sorter;

static inline bool before(const sorter *s, const rf_sort_key *a, const rf_sort_key *b)
{
    if (a->key != b->key)
        return a->key < b->key;
    return s->tie != NULL && s->tie(s->context, a->value, b->value) < 0;
}

static inline void swap(rf_sort_key *a, rf_sort_key *b)
{
    rf_sort_key kept = *a;
    *a = *b;
    *b = kept;
}

static void insertion_sort(const sorter *s, size_t from, size_t to)
{
    for (size_t i = from + 1; i < to; i++) {
        rf_sort_key moving = s->keys[i];
        size_t at = i;
        for (; at > from && before(s, &moving, &s->keys[at - 1]); at--)
            s->keys[at] = s->keys[at - 1];
        s->keys[at] = moving;
    }
}

static void sift_down(const sorter *s, size_t base, size_t at, size_t n)
{
    for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && before(s, &s->keys[base + child], &s->keys[base + child + 1]))
            child++;
        if (!before(s, &s->keys[base + at], &s->keys[base + child]))
            return;
        swap(&s->keys[base + at], &s->keys[base + child]);
        at = child;
    }
}

static void heap_sort(const sorter *s, size_t from, size_t to)
{
    size_t n = to - from;
    for (size_t i = n / 2; i-- > 0;)
        sift_down(s, from, i, n);
    for (size_t i = n; i-- > 1;) {
        swap(&s->keys[from], &s->keys[from + i]);
        sift_down(s, from, 0, i);
    }
}

/* Splits [from, to) around its median of three; keys equal to the pivot may lie on either side. */
static size_t partition(const sorter *s, size_t from, size_t to)
{
    rf_sort_key *first = &s->keys[from], *middle = &s->keys[from + (to - from) / 2], *last = &s->keys[to - 1];
    if (before(s, middle, first))
        swap(middle, first);
    if (before(s, last, middle))
        swap(last, middle);
    if (before(s, middle, first))
        swap(middle, first);
    rf_sort_key pivot = *middle;
    size_t i = from, j = to - 1;
    for (;;) {
        do
            i++;
        while (before(s, &s->keys[i], &pivot));
        do
            j--;
        while (before(s, &pivot, &s->keys[j]));
        if (i >= j)
            return i;
        swap(&s->keys[i], &s->keys[j]);
    }
}

static void quick_sort(const sorter *s, size_t from, size_t to, int depth)
{
    while (to - from > FEW) {
        if (depth-- == 0) {
            heap_sort(s, from, to);
            return;
        }
        size_t cut = partition(s, from, to);
        quick_sort(s, cut, to, depth);
        to = cut;
    }
    insertion_sort(s, from, to);
}

void rf_sort_keys(rf_sort_key *keys, size_t n, int (*tie)(void *context, uint32_t a, uint32_t b),
                  void *context)
{
    sorter s = {.keys = keys, .tie = tie, .context = context};
    int depth = 2;
    for (size_t left = n; left > 1; left /= 2)
        depth += 2;
    if (n > 1)
        quick_sort(&s, 0, n, depth);
}
