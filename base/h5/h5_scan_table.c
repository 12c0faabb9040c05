/* h5_scan_table.c - groups of the oldest form: names in a local heap, and a tree of tables of symbols. */
#include "h5_scan_int.h"

#define ENTRY 40

typedef struct table {
    unsigned char *heap;
    uint64_t heap_bytes;
} table;

/* Blocks of free space are chained; each lies in the heap and behind the one before it. */
static rf_status check_free(rf_h5_scan *scan, const table *t, uint64_t first)
{
    rf_status st = RF_OK;
    uint64_t left = t->heap_bytes / 16;
    for (uint64_t at = first; at != 1;) { /* 1 ends the chain */
        if (at > t->heap_bytes || t->heap_bytes - at < 16 || left-- == 0)
            H5_DAMAGED("the free space of its names is broken");
        rf_h5_cursor c = {t->heap + at, 16, false};
        uint64_t next = rf_h5_take(&c, 8), bytes = rf_h5_take(&c, 8);
        if (bytes < 16 || bytes > t->heap_bytes - at)
            H5_DAMAGED("the free space of its names is broken");
        at = next;
    }
done:
    return st;
}

static rf_status load_names(table *t, rf_h5_scan *scan, uint64_t address)
{
    rf_status st = RF_OK;
    unsigned char *block = NULL;
    RF_TRY(rf_h5_scan_load(&block, scan, address, 32));
    rf_h5_cursor c = {block, 32, false};
    bool marked = rf_h5_take_mark(&c, "HEAP");
    uint64_t version = rf_h5_take(&c, 4);
    t->heap_bytes = rf_h5_take(&c, 8);
    uint64_t first = rf_h5_take(&c, 8), at = rf_h5_take(&c, 8);
    if (!marked || version != 0)
        H5_DAMAGED("its names cannot be read");
    RF_TRY(rf_h5_scan_load(&t->heap, scan, at, t->heap_bytes));
    RF_TRY(check_free(scan, t, first));
done:
    rf_mem_free(block);
    return st;
}

static rf_status take_text(const char **text, size_t *len, rf_h5_scan *scan, const table *t, uint64_t at)
{
    rf_status st = RF_OK;
    rf_h5_cursor c = {t->heap, (size_t)t->heap_bytes, false};
    rf_h5_take_bytes(&c, at);
    *text = rf_h5_take_text(&c, len);
    if (*text == NULL)
        H5_DAMAGED("a name lies outside its names");
done:
    return st;
}

static rf_status check_symbols(rf_h5_scan *scan, const table *t, uint64_t address)
{
    rf_status st = RF_OK;
    unsigned char *block = NULL;
    size_t bytes = 8 + (size_t)2 * scan->leaf_k * ENTRY, len;
    const char *name, *target;
    RF_TRY(rf_h5_scan_load(&block, scan, address, bytes));
    rf_h5_cursor c = {block, bytes, false};
    bool marked = rf_h5_take_mark(&c, "SNOD");
    uint64_t version = rf_h5_take(&c, 2), n = rf_h5_take(&c, 2);
    if (!marked || (version & 0xff) != 1 || n > 2 * scan->leaf_k)
        H5_DAMAGED("a table of its links is broken");
    for (uint64_t i = 0; i < n; i++) {
        uint64_t name_at = rf_h5_take(&c, 8), object = rf_h5_take(&c, 8), cached = rf_h5_take(&c, 4);
        rf_h5_take_bytes(&c, 4);
        rf_h5_cursor scratch = {rf_h5_take_bytes(&c, 16), 16, false};
        RF_TRY(take_text(&name, &len, scan, t, name_at));
        if (cached > 2)
            H5_DAMAGED("a table of its links is broken");
        if (cached == 2) { /* a soft link */
            RF_TRY(take_text(&target, &(size_t){0}, scan, t, rf_h5_take(&scratch, 4)));
            continue;
        }
        scan->link_tree = cached == 1 ? rf_h5_take(&scratch, 8) : RF_H5_UNDEFINED;
        scan->link_heap = rf_h5_take(&scratch, 8);
        RF_TRY(rf_h5_scan_link(scan, name, len, object));
    }
done:
    rf_mem_free(block);
    return st;
}

static rf_status check_node(rf_h5_scan *scan, const table *t, uint64_t address, uint64_t level)
{
    rf_status st = RF_OK;
    unsigned char *block = NULL;
    size_t k = scan->group_k, bytes = 24 + 2 * k * 8 + (2 * k + 1) * 8, len;
    const char *name;
    RF_TRY(rf_h5_scan_load(&block, scan, address, bytes));
    rf_h5_cursor c = {block, bytes, false};
    bool marked = rf_h5_take_mark(&c, "TREE");
    uint64_t kind = rf_h5_take(&c, 1), found = rf_h5_take(&c, 1), n = rf_h5_take(&c, 2);
    if (!marked || kind != 0 || found != level || n > 2 * k)
        H5_DAMAGED("the tree of its links is broken");
    rf_h5_take_bytes(&c, 16);
    for (uint64_t i = 0; i < n; i++) {
        RF_TRY(take_text(&name, &len, scan, t, rf_h5_take(&c, 8)));
        uint64_t child = rf_h5_take(&c, 8);
        if (level > 0)
            RF_TRY(check_node(scan, t, child, level - 1));
        else
            RF_TRY(check_symbols(scan, t, child));
    }
    if (n > 0)
        RF_TRY(take_text(&name, &len, scan, t, rf_h5_take(&c, 8)));
done:
    rf_mem_free(block);
    return st;
}

rf_status rf_h5_scan_table(rf_h5_scan *scan, uint64_t tree, uint64_t heap)
{
    rf_status st = RF_OK;
    unsigned char *top = NULL;
    table t = {0};
    RF_TRY(load_names(&t, scan, heap));
    RF_TRY(rf_h5_scan_load(&top, scan, tree, 6));
    RF_TRY(check_node(scan, &t, tree, top[5]));
done:
    rf_mem_free(top);
    rf_mem_free(t.heap);
    return st;
}
