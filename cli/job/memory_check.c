/* memory_check.c - says what memory a step will take, and refuses one that cannot have it. */
#include "rf_job.h"

#include "rf_log.h"
#include "rf_mem.h"
#include "rf_memory_room.h"
#include "rf_table.h"
#include "rf_text.h"

static const struct {
    const char *what, *remedy;
} bounds[RF_BOUNDS] = {
    [RF_BOUND_ADDRESS] = {"the limit on address space", "raise it (ulimit -v)"},
    [RF_BOUND_DATA] = {"the limit on data", "raise it (ulimit -d)"},
    [RF_BOUND_GROUP] = {"the control group's memory", "give the group more (memory.max)"},
    [RF_BOUND_MACHINE] = {"the machine's memory with swap", "take a larger machine"},
};

/* Of what is planned, so much has to fit: the rest is the plan's error. */
#define SURE_SHARE 0.9

static double per_row(const rf_memory_plan *plan, rf_side side)
{
    return plan->size.n[side] > 0 ? (double)plan->rows[side] / (double)plan->size.n[side] / 1e3 : 0;
}

/* ", device: 2.1 kB for each of 300 and 0.8 kB for each of 410 edges": of every kind but the main one. */
static rf_status add_kinds(rf_text *text, const rf_memory_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_kinds *kinds = &plan->size.kinds;
    for (int k = 1; k < rf_kinds_n(kinds); k++) {
        const rf_side v = rf_entity_side(k), e = rf_edge_side(k);
        RF_TRY(rf_text_printf(text, err, ", %s: %.1f kB for each of %s and %.1f kB for each of %s",
                              rf_kind_name(kinds, k), per_row(plan, v), RF_COUNT(plan->size.n[v]),
                              per_row(plan, e), RF_THINGS(plan->size.n[e], "edge")));
    }
done:
    return st;
}

static rf_status say(const rf_memory_plan *plan, const char *step, int64_t resident, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text kinds = {0};
    char total[32], rest[32];
    const int64_t *n = plan->size.n;
    RF_TRY(rf_text_add(&kinds, "", 0, err));
    RF_TRY(add_kinds(&kinds, plan, err));
    rf_log(RF_LOG_INFO,
           "%s takes about %s of memory: %.1f kB for each of %s, %.1f kB for each of %s, %.1f kB for each of "
           "%s%s, and %s",
           step, rf_bytes_format(total, resident + rf_memory_plan_bytes(plan)), per_row(plan, RF_USER),
           RF_THINGS(n[RF_USER], "user"), per_row(plan, RF_ENTITY), RF_THINGS(n[RF_ENTITY], "entity"),
           per_row(plan, RF_EDGE), RF_THINGS(n[RF_EDGE], "edge"), kinds.ptr,
           rf_bytes_format(rest, resident + plan->fixed));
done:
    rf_text_clear(&kinds);
    return st;
}

rf_status rf_job_check_memory(const rf_memory_plan *plan, const char *step, rf_err *err)
{
    rf_status st = RF_OK;
    char need[32], left[32], most[32];
    rf_memory_room room;
    rf_memory_room_read(&room, "");
    int64_t more = rf_memory_plan_bytes(plan);
    int64_t sure = (int64_t)(SURE_SHARE * (double)more);
    RF_TRY(say(plan, step, room.resident, err));
    rf_memory_bound bound = rf_memory_room_breaks(&room, sure, plan->reserved);
    if (bound != RF_BOUND_NONE) {
        int64_t all = bound == RF_BOUND_ADDRESS || bound == RF_BOUND_DATA ? more + plan->reserved : more;
        RF_FAIL(err, RF_E_NOMEM,
                "%s needs about %s more, but %s leaves %s of %s: %s, or shorten graph.window, take fewer "
                "graph.features or --threads",
                step, rf_bytes_format(need, all), bounds[bound].what, rf_bytes_format(left, room.left[bound]),
                rf_bytes_format(most, room.most[bound]), bounds[bound].remedy);
    }
    if (more > room.available)
        rf_log(RF_LOG_WARN, "%s needs about %s more, but only %s of the machine's memory are free now", step,
               rf_bytes_format(need, more), rf_bytes_format(left, room.available));
done:
    return st;
}
