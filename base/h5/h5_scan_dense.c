/* h5_scan_dense.c - groups with their links in a fractal heap, found by trees of version 2.
 *
 * Files of ringfence before 0.3 have them: HDF5 makes such a group out of every one with more than eight
 * links. All blocks of the heap are gathered first; then each link is taken from where the tree of names says
 * that it lies.
 */
#include <string.h>

#include "h5_scan_int.h"

#define MOST_ROWS 64

/* Trees: where the heap's id lies in a record, and what else the record holds. */
typedef struct tree_kind {
    uint64_t type;
    size_t id_at, besides;
} tree_kind;
static const tree_kind of_links[2] = {{5, 4, 4}, {6, 8, 8}}, of_attributes[2] = {{8, 0, 9}, {9, 0, 5}};

typedef struct block { /* of the heap, whole */
    uint64_t offset, len;
    unsigned char *bytes;
} block;

typedef struct heap {
    uint64_t address, width, start, most_direct, offset_bytes, id_bytes, length_bytes;
    unsigned direct_rows;
    bool summed; /* direct blocks have checksums */
    block *blocks;
    size_t n_blocks, cap_blocks;
} heap;

typedef struct tree {
    const tree_kind *kind;
    rf_status (*take)(rf_h5_scan *scan, rf_h5_cursor *c); /* NULL: messages were taken before */
    uint64_t node_bytes, record_bytes, root, root_records;
    uint64_t total, found; /* records: as the tree says, and as they were met */
    unsigned depth;
    uint64_t most[16], count_bytes[16]; /* of records in a node of this depth; bytes to count all below one */
} tree;

static unsigned log2_of(uint64_t n)
{
    unsigned bits = 0;
    while (n > 1) {
        n /= 2;
        bits++;
    }
    return bits;
}

static bool power_of_two(uint64_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

/* ---- the heap ---- */

static uint64_t row_bytes(const heap *h, unsigned row)
{
    return row == 0 ? h->start : h->start << (row - 1);
}

static rf_status take_direct(rf_h5_scan *scan, heap *h, uint64_t address, uint64_t offset, uint64_t len)
{
    rf_status st = RF_OK;
    unsigned char *bytes = NULL;
    RF_TRY(rf_h5_scan_load(&bytes, scan, address, len));
    rf_h5_cursor c = {bytes, (size_t)len, false};
    bool marked = rf_h5_take_mark(&c, "FHDB");
    uint64_t version = rf_h5_take(&c, 1), owner = rf_h5_take(&c, 8),
             at = rf_h5_take(&c, (size_t)h->offset_bytes);
    if (c.over || !marked || version != 0 || owner != h->address || at != offset)
        H5_DAMAGED("a block of its links or attributes is broken");
    if (h->summed) {
        size_t sum_at = (size_t)len - c.left; /* the sum is taken with zeros in its own place */
        uint32_t sum = (uint32_t)rf_h5_take(&c, 4);
        if (c.over)
            H5_DAMAGED("a block of its links or attributes is broken");
        memset(bytes + sum_at, 0, 4);
        RF_TRY(rf_h5_scan_sum(scan, address, bytes, (size_t)len, sum_at, sum));
    }
    RF_RESERVE(h->blocks, h->cap_blocks, h->n_blocks + 1, scan->err);
    h->blocks[h->n_blocks++] = (block){offset, len, bytes};
    bytes = NULL;
done:
    rf_mem_free(bytes);
    return st;
}

static rf_status take_indirect(rf_h5_scan *scan, heap *h, uint64_t address, uint64_t offset, unsigned rows,
                               int depth)
{
    rf_status st = RF_OK;
    unsigned char *bytes = NULL;
    rf_h5_cursor c;
    uint64_t from = offset;
    if (rows == 0 || rows > MOST_ROWS || depth > 8)
        H5_DAMAGED("a block of its links or attributes is broken");
    RF_TRY(rf_h5_scan_load_summed(&bytes, &c, scan, address, 13 + h->offset_bytes + h->width * rows * 8 + 4));
    bool marked = rf_h5_take_mark(&c, "FHIB");
    uint64_t version = rf_h5_take(&c, 1), owner = rf_h5_take(&c, 8),
             at = rf_h5_take(&c, (size_t)h->offset_bytes);
    if (!marked || version != 0 || owner != h->address || at != offset)
        H5_DAMAGED("a block of its links or attributes is broken");
    for (unsigned row = 0; row < rows; row++) {
        uint64_t len = row_bytes(h, row);
        for (uint64_t i = 0; i < h->width; i++, from += len) {
            uint64_t child = rf_h5_take(&c, 8);
            if (child == RF_H5_UNDEFINED)
                continue;
            if (row < h->direct_rows)
                RF_TRY(take_direct(scan, h, child, from, len));
            else
                RF_TRY(take_indirect(scan, h, child, from, log2_of(len) - log2_of(h->start * h->width) + 1,
                                     depth + 1));
        }
    }
done:
    rf_mem_free(bytes);
    return st;
}

static rf_status take_heap(heap *h, rf_h5_scan *scan, uint64_t address)
{
    rf_status st = RF_OK;
    unsigned char *bytes = NULL;
    rf_h5_cursor c;
    RF_TRY(rf_h5_scan_load_summed(&bytes, &c, scan, address, 146));
    bool marked = rf_h5_take_mark(&c, "FRHP");
    uint64_t version = rf_h5_take(&c, 1);
    *h = (heap){.address = address, .id_bytes = rf_h5_take(&c, 2)};
    uint64_t filters = rf_h5_take(&c, 2), flags = rf_h5_take(&c, 1), most_object = rf_h5_take(&c, 4);
    rf_h5_take_bytes(&c, 8 * 8 + 8); /* up to the number of managed objects, and the bytes of huge ones */
    uint64_t huge = rf_h5_take(&c, 8);
    rf_h5_take_bytes(&c, 8);
    uint64_t tiny = rf_h5_take(&c, 8);
    h->width = rf_h5_take(&c, 2);
    h->start = rf_h5_take(&c, 8);
    h->most_direct = rf_h5_take(&c, 8);
    uint64_t bits = rf_h5_take(&c, 2);
    rf_h5_take_bytes(&c, 2);
    uint64_t root = rf_h5_take(&c, 8), rows = rf_h5_take(&c, 2);
    if (c.over || !marked || version != 0 || filters != 0 || huge != 0 || tiny != 0)
        H5_DAMAGED("the heap of its links or attributes is of an unknown kind");
    if (!power_of_two(h->width) || h->width > 1024 || !power_of_two(h->start) || h->start < 64 ||
        !power_of_two(h->most_direct) || h->most_direct < h->start || h->most_direct > 1U << 24 ||
        bits > 64 || bits < log2_of(h->most_direct) || most_object > h->most_direct)
        H5_DAMAGED("the heap of its links or attributes is of an unknown kind");
    h->summed = (flags & 2) != 0;
    h->offset_bytes = (bits + 7) / 8;
    uint64_t least = h->most_direct < most_object ? h->most_direct : most_object;
    h->length_bytes = log2_of(least) / 8 + 1;
    h->direct_rows = log2_of(h->most_direct) - log2_of(h->start) + 2;
    if (h->id_bytes < 1 + h->offset_bytes + h->length_bytes || h->id_bytes > 32)
        H5_DAMAGED("the heap of its links or attributes is of an unknown kind");
    if (root == RF_H5_UNDEFINED)
        goto done;
    if (rows == 0)
        RF_TRY(take_direct(scan, h, root, 0, h->start));
    else
        RF_TRY(take_indirect(scan, h, root, 0, (unsigned)rows, 0));
done:
    rf_mem_free(bytes);
    return st;
}

static void clear_heap(heap *h)
{
    for (size_t i = 0; i < h->n_blocks; i++)
        rf_mem_free(h->blocks[i].bytes);
    rf_mem_free(h->blocks);
}

/* The block that an offset lies in; blocks were gathered in this order. NULL: in none. */
static const block *block_of(const heap *h, uint64_t offset)
{
    size_t low = 0, high = h->n_blocks; /* the first block behind the offset is one of these, or the end */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (h->blocks[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    const block *before = low > 0 ? &h->blocks[low - 1] : NULL;
    return before != NULL && offset - before->offset < before->len ? before : NULL;
}

/* What an id of the heap stands for. */
static rf_status take_message(rf_h5_scan *scan, const tree *t, const heap *h, const unsigned char *id)
{
    rf_status st = RF_OK;
    rf_h5_cursor c = {id, (size_t)h->id_bytes, false};
    uint64_t kind = rf_h5_take(&c, 1), offset = rf_h5_take(&c, (size_t)h->offset_bytes),
             len = rf_h5_take(&c, (size_t)h->length_bytes);
    const block *in = block_of(h, offset);
    size_t head = 13 + (size_t)h->offset_bytes + (h->summed ? 4 : 0);
    if (kind != 0 || in == NULL || offset - in->offset < head || len > in->len - (offset - in->offset))
        H5_DAMAGED("a name lies outside the heap of its links or attributes");
    rf_h5_cursor message = {in->bytes + (offset - in->offset), (size_t)len, false};
    if (t->take != NULL)
        RF_TRY(t->take(scan, &message));
done:
    return st;
}

/* ---- the trees ---- */

static rf_status take_tree(tree *t, rf_h5_scan *scan, uint64_t address, const heap *h)
{
    rf_status st = RF_OK;
    unsigned char *bytes = NULL;
    rf_h5_cursor c;
    RF_TRY(rf_h5_scan_load_summed(&bytes, &c, scan, address, 38));
    bool marked = rf_h5_take_mark(&c, "BTHD");
    uint64_t version = rf_h5_take(&c, 1);
    uint64_t type = rf_h5_take(&c, 1);
    t->node_bytes = rf_h5_take(&c, 4);
    t->record_bytes = rf_h5_take(&c, 2);
    t->depth = (unsigned)rf_h5_take(&c, 2);
    rf_h5_take_bytes(&c, 2);
    t->root = rf_h5_take(&c, 8);
    t->root_records = rf_h5_take(&c, 2);
    t->total = rf_h5_take(&c, 8);
    if (!marked || version != 0 || type != t->kind->type ||
        t->record_bytes != t->kind->besides + h->id_bytes || t->node_bytes < 64 || t->node_bytes > 1U << 20 ||
        t->depth >= 16)
        H5_DAMAGED("the tree of its links or attributes is broken");
    uint64_t below = t->most[0] = (t->node_bytes - 10) / t->record_bytes;
    for (unsigned d = 1; d <= t->depth; d++) {
        uint64_t pointer = 8 + log2_of(t->most[0]) / 8 + 1 + t->count_bytes[d - 1];
        t->most[d] = (t->node_bytes - 10 - pointer) / (t->record_bytes + pointer);
        if (t->most[d] < 2 || __builtin_mul_overflow(below, t->most[d] + 1, &below))
            H5_DAMAGED("the tree of its links or attributes is broken");
        below += t->most[d];
        t->count_bytes[d] = log2_of(below) / 8 + 1;
    }
done:
    rf_mem_free(bytes);
    return st;
}

static rf_status check_node(rf_h5_scan *scan, tree *t, const heap *h, uint64_t address, uint64_t n,
                            unsigned depth)
{
    rf_status st = RF_OK;
    unsigned char *bytes = NULL;
    rf_h5_cursor c;
    size_t count = log2_of(t->most[0]) / 8 + 1;
    if (n > t->most[depth] || (n == 0 && depth > 0))
        H5_DAMAGED("the tree of its links or attributes is broken");
    uint64_t len = 6 + n * t->record_bytes + 4;
    if (depth > 0)
        len += (n + 1) * (8 + count + t->count_bytes[depth - 1]);
    if (!rf_h5_scan_holds(scan, address, t->node_bytes))
        H5_DAMAGED("a part of it lies after the file's end");
    RF_TRY(rf_h5_scan_load_summed(&bytes, &c, scan, address, len));
    bool marked = rf_h5_take_mark(&c, depth > 0 ? "BTIN" : "BTLF");
    uint64_t version = rf_h5_take(&c, 1), type = rf_h5_take(&c, 1);
    if (!marked || version != 0 || type != t->kind->type)
        H5_DAMAGED("the tree of its links or attributes is broken");
    t->found += n;
    for (uint64_t i = 0; i < n; i++) {
        const unsigned char *record = rf_h5_take_bytes(&c, t->record_bytes);
        RF_TRY(take_message(scan, t, h, record + t->kind->id_at));
    }
    for (uint64_t i = 0; depth > 0 && i <= n; i++) {
        uint64_t child = rf_h5_take(&c, 8), records = rf_h5_take(&c, count);
        rf_h5_take_bytes(&c, t->count_bytes[depth - 1]);
        RF_TRY(check_node(scan, t, h, child, records, depth - 1));
    }
done:
    rf_mem_free(bytes);
    return st;
}

rf_status rf_h5_scan_dense(rf_h5_scan *scan, rf_h5_dense what, uint64_t address, const uint64_t trees[2])
{
    rf_status st = RF_OK;
    heap h = {0};
    scan->facts.dense = true;
    RF_TRY(take_heap(&h, scan, address));
    for (int i = 0; i < 2; i++) {
        tree t = {.kind = what == RF_H5_DENSE_LINKS ? &of_links[i] : &of_attributes[i]};
        if (trees[i] == RF_H5_UNDEFINED)
            continue;
        if (i == 0)
            t.take = what == RF_H5_DENSE_LINKS ? rf_h5_scan_take_link : rf_h5_scan_take_attribute;
        RF_TRY(take_tree(&t, scan, trees[i], &h));
        if (t.root != RF_H5_UNDEFINED)
            RF_TRY(check_node(scan, &t, &h, t.root, t.root_records, t.depth));
        else if (t.root_records != 0 || t.depth != 0)
            H5_DAMAGED("the tree of its links or attributes is broken");
        if (t.found != t.total) /* HDF5 makes a table of that size and sorts all of it */
            H5_DAMAGED("the tree of its links or attributes is broken");
    }
done:
    clear_heap(&h);
    return st;
}
