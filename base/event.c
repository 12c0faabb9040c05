/* event.c - positions own the names of their inputs: they are copied and freed here. */
#include "rf_event.h"

#include <string.h>

#include "rf_mem.h"

rf_status rf_positions_add(rf_positions *positions, const rf_input_position *position, rf_err *err)
{
    char *name = rf_mem_text(position->name, strlen(position->name), err);
    if (name == NULL)
        return RF_E_NOMEM;
    rf_input_position *item = &positions->items[positions->n++];
    *item = *position;
    item->name = name;
    return RF_OK;
}

void rf_positions_clear(rf_positions *positions)
{
    if (positions == NULL)
        return;
    for (size_t i = 0; i < positions->n; i++)
        rf_mem_free(positions->items[i].name);
    rf_mem_free(positions->items);
    *positions = (rf_positions){0};
}
