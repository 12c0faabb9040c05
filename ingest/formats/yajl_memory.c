/* yajl_memory.c - lends memory to a yajl parser: counted, and refusable although yajl does not check.
 *
 * yajl takes every request for granted. A refused one therefore leaves yajl by a long jump to the caller's
 * mark, and because all its blocks hang in one ring, the half-changed parser can be dropped as a whole.
 */
#include "yajl_memory.h"

#include "rf_mem.h"

typedef rf_yajl_block link; /* stands before each block */

_Static_assert(sizeof(link) == 16, "blocks keep malloc's alignment");

static void hang(rf_yajl_memory *memory, link *block)
{
    link *ring = &memory->ring;
    block->before = ring;
    block->after = ring->after;
    ring->after->before = block;
    ring->after = block;
}

static void unhang(link *block)
{
    block->before->after = block->after;
    block->after->before = block->before;
}

static void *lend(void *context, size_t bytes)
{
    rf_yajl_memory *memory = context;
    size_t total;
    link *block = rf_add_size(&total, bytes, sizeof *block) ? rf_mem_new(total, 1, NULL) : NULL;
    if (block == NULL)
        longjmp(memory->refused, 1);
    hang(memory, block);
    return block + 1;
}

static void take_back(void *context, void *lent)
{
    (void)context;
    if (lent == NULL)
        return;
    link *block = (link *)lent - 1;
    unhang(block);
    rf_mem_free(block);
}

static void *lend_more(void *context, void *lent, size_t bytes)
{
    rf_yajl_memory *memory = context;
    if (lent == NULL)
        return lend(context, bytes);
    size_t total;
    link *block = (link *)lent - 1;
    unhang(block);
    link *grown = rf_add_size(&total, bytes, sizeof *block) ? rf_mem_grow(block, total, 1, NULL) : NULL;
    hang(memory, grown == NULL ? block : grown);
    if (grown == NULL)
        longjmp(memory->refused, 1);
    return grown + 1;
}

void rf_yajl_memory_init(rf_yajl_memory *memory)
{
    link *ring = &memory->ring;
    ring->before = ring->after = ring;
    memory->funcs =
        (yajl_alloc_funcs){.malloc = lend, .realloc = lend_more, .free = take_back, .ctx = memory};
}

void rf_yajl_memory_drop(rf_yajl_memory *memory)
{
    link *ring = &memory->ring;
    while (ring->after != ring)
        take_back(memory, ring->after + 1);
}
