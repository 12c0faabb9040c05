/* event.c - the little that rf_event.h's plain structs need to be freed. */
#include "rf_event.h"

#include "rf_mem.h"

void rf_positions_clear(rf_positions *positions)
{
    if (positions == NULL)
        return;
    for (size_t i = 0; i < positions->n; i++)
        rf_mem_free(positions->items[i].name);
    rf_mem_free(positions->items);
    *positions = (rf_positions){0};
}
