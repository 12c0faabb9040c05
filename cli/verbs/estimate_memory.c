/* estimate_memory.c - see estimate_memory.h. */
#include "estimate_memory.h"

#include <stdio.h>

#include "rf_mem.h"
#include "rf_memory_room.h"
#include "rf_table.h"

/* "users", "edges", "device entities", "device edges" */
static void name_side(char *out, size_t size, const rf_kinds *kinds, rf_side side)
{
    static const char *const role[RF_SIDES] = {"users", "entities", "edges"};
    const int kind = rf_side_kind(side);
    snprintf(out, size, "%s%s%s", kind > 0 ? kinds->name[kind] : "", kind > 0 ? " " : "",
             role[rf_side_role(side)]);
}

static rf_status add_row(rf_table *table, const char *what, const char *rows, const char *each, int64_t bytes,
                         rf_err *err)
{
    rf_status st = RF_OK;
    char all[32];
    RF_TRY(rf_table_add(table, what, err));
    RF_TRY(rf_table_add(table, rows, err));
    RF_TRY(rf_table_add(table, each, err));
    RF_TRY(rf_table_add(table, rf_bytes_format(all, bytes), err));
done:
    return st;
}

static rf_status add_sides(rf_table *table, const rf_memory_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    for (rf_side side = 0; side < rf_sides(&plan->size.kinds); side++) {
        const int64_t n = plan->size.n[side];
        char name[64], rows[32], each[32];
        name_side(name, sizeof name, &plan->size.kinds, side);
        RF_TRY(add_row(table, name, rf_count_format(rows, n),
                       rf_count_format(each, n > 0 ? plan->rows[side] / n : 0), plan->rows[side], err));
    }
done:
    return st;
}

rf_status rf_estimate_memory(const rf_memory_plan *plan, rf_err *err)
{
    static const char *const heads[] = {"memory of training", "rows", "bytes a row", "all"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    rf_text text = {0};
    rf_memory_room room;
    rf_memory_room_read(&room, "");
    RF_TRY(rf_table_new(&table, "lrrr", heads, err));
    RF_TRY(add_sides(table, plan, err));
    RF_TRY(add_row(table, "model, optimizer, threads", "", "", plan->fixed, err));
    RF_TRY(add_row(table, "the program itself", "", "", room.resident, err));
    RF_TRY(add_row(table, "at the peak", "", "", room.resident + rf_memory_plan_bytes(plan), err));
    RF_TRY(rf_table_print(&text, table, err));
    RF_TRY(rf_cli_print(&text, err));
done:
    rf_table_free(table);
    rf_text_clear(&text);
    return st;
}
