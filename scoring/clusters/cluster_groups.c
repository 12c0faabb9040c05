/* cluster_groups.c - a growing list of groups of nodes. */
#include <stdlib.h>
#include <string.h>

#include "cluster_int.h"
#include "rf_mem.h"

static int by_node(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

rf_status rf_groups_add(rf_groups *groups, uint32_t *node, int64_t n, rf_cluster_method method,
                        double suspicious, rf_err *err)
{
    rf_status st = RF_OK;
    size_t need = (size_t)groups->n + 1, nodes = (size_t)(groups->n_nodes + n);
    RF_TRY(rf_mem_reserve((void **)&groups->end, &groups->end_cap, need, sizeof *groups->end, err));
    RF_TRY(rf_mem_reserve((void **)&groups->suspicious, &groups->suspicious_cap, need,
                          sizeof *groups->suspicious, err));
    RF_TRY(rf_mem_reserve((void **)&groups->method, &groups->method_cap, need, sizeof *groups->method, err));
    RF_TRY(rf_mem_reserve((void **)&groups->node, &groups->node_cap, nodes, sizeof *groups->node, err));
    qsort(node, (size_t)n, sizeof *node, by_node);
    memcpy(groups->node + groups->n_nodes, node, (size_t)n * sizeof *node);
    groups->n_nodes += n;
    groups->end[groups->n] = groups->n_nodes;
    groups->suspicious[groups->n] = suspicious;
    groups->method[groups->n] = (uint8_t)method;
    groups->n++;
done:
    return st;
}

void rf_groups_clear(rf_groups *groups)
{
    rf_mem_free(groups->end);
    rf_mem_free(groups->node);
    rf_mem_free(groups->suspicious);
    rf_mem_free(groups->method);
    *groups = (rf_groups){0};
}
