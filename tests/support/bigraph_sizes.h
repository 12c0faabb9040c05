/* bigraph_sizes.h - what a graph holds while events come in, pending events included. */
#ifndef BIGRAPH_SIZES_H
#define BIGRAPH_SIZES_H

#include "bigraph_int.h"

typedef struct bigraph_sizes {
    int64_t users, entities, cells;
} bigraph_sizes;

static inline bigraph_sizes bigraph_sizes_of(const rf_bigraph *graph)
{
    return (bigraph_sizes){.users = rf_idmap_count(graph->users),
                           .entities = rf_idmap_count(graph->relation[0].entities),
                           .cells = (int64_t)graph->relation[0].store.n_cells + graph->relation[0].queue_n};
}

#endif
