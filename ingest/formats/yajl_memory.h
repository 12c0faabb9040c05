/* yajl_memory.h - counted memory for one yajl parser.
 *
 *   rf_yajl_memory_init(&memory);
 *   if (setjmp(memory.refused) != 0) { rf_yajl_memory_drop(&memory); ... out of memory ... }
 *   ... yajl_alloc(callbacks, &memory.funcs, context), yajl_parse ...
 *
 * The mark must be set anew in each function that calls yajl, and the struct must not move.
 */
#ifndef RF_YAJL_MEMORY_H
#define RF_YAJL_MEMORY_H

#include <setjmp.h>
#include <yajl/yajl_common.h>

typedef struct rf_yajl_block {
    struct rf_yajl_block *before, *after;
} rf_yajl_block;

typedef struct rf_yajl_memory {
    yajl_alloc_funcs funcs;
    jmp_buf refused;    /* where a refused request leads */
    rf_yajl_block ring; /* all blocks that yajl holds */
} rf_yajl_memory;

void rf_yajl_memory_init(rf_yajl_memory *memory);
/* Takes every block back: the parser is gone, without yajl_free. */
void rf_yajl_memory_drop(rf_yajl_memory *memory);

#endif
