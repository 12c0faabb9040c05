/* registry_erase.c - takes users and entities out of the registry of clusters. A cluster that has no member
 * left is forgotten. */
#include <string.h>

#include "registry_int.h"
#include "rf_mem.h"

/* An entity is asked for by its id, whatever its kind. */
static bool is_erased(const rf_subjects *subjects, rf_side side, const char *id)
{
    return rf_subjects_find(subjects, rf_side_role(side), id, strlen(id)) != NULL;
}

/* Moves what stays to the front; how many members went. */
static int64_t erase_members(rf_generation *g, rf_side side, const rf_subjects *subjects)
{
    int64_t kept = 0, from = g->ptr[side][0];
    for (int64_t c = 0; c < g->n; c++) {
        int64_t to = g->ptr[side][c + 1];
        for (int64_t m = from; m < to; m++) {
            if (!is_erased(subjects, side, g->member[side][m]))
                g->member[side][kept++] = g->member[side][m];
        }
        from = to;
        g->ptr[side][c + 1] = kept;
    }
    return from - kept;
}

static bool is_empty(const void *context, const rf_generation *g, int64_t c)
{
    (void)context;
    return rf_generation_members(g, c) == 0;
}

rf_status rf_registry_erase(int64_t *n, const char *registry_path, const rf_subjects *subjects, bool write,
                            rf_err *err)
{
    rf_status st = RF_OK;
    rf_registry *registry = NULL;
    *n = 0;
    RF_TRY(rf_registry_load(&registry, registry_path, err));
    rf_generation *const runs[] = {&registry->previous, &registry->current};
    for (int i = 0; i < 2; i++) {
        int64_t erased = 0;
        for (rf_side side = 0; side < rf_sides(&runs[i]->kinds); side++) {
            if (runs[i]->member[side] != NULL)
                erased += erase_members(runs[i], side, subjects);
        }
        if (erased > 0)
            (void)rf_generation_filter(runs[i], is_empty, NULL);
        *n += erased;
    }
    if (write && *n > 0)
        RF_TRY(rf_registry_save(&registry->previous, &registry->current, registry_path, err));
done:
    rf_registry_free(registry);
    return st;
}
