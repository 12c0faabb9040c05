/* memory_check.c - says what memory a step will take, and refuses one that cannot have it. */
#include "rf_job.h"

#include "rf_log.h"
#include "rf_mem.h"
#include "rf_memory_room.h"
#include "rf_table.h"

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

static void say(const rf_memory_plan *plan, const char *step, int64_t resident)
{
    char total[32], rest[32], n[RF_SIDES][32];
    int64_t others = 0; /* of the other kinds */
    for (rf_side side = 0; side < RF_SIDES; side++)
        rf_count_format(n[side], plan->size.n[side]);
    for (rf_side side = RF_SIDES; side < rf_sides(&plan->size.kinds); side++)
        others += plan->rows[side];
    rf_log(RF_LOG_INFO,
           "%s takes about %s of memory: %.1f kB for each of %s users, %.1f kB for each of %s entities, "
           "%.1f kB for each of %s edges, and %s",
           step, rf_bytes_format(total, resident + rf_memory_plan_bytes(plan)), per_row(plan, RF_USER),
           n[RF_USER], per_row(plan, RF_ENTITY), n[RF_ENTITY], per_row(plan, RF_EDGE), n[RF_EDGE],
           rf_bytes_format(rest, resident + plan->fixed + others));
}

rf_status rf_job_check_memory(const rf_memory_plan *plan, const char *step, rf_err *err)
{
    rf_status st = RF_OK;
    char need[32], left[32], most[32];
    rf_memory_room room;
    rf_memory_room_read(&room, "");
    int64_t more = rf_memory_plan_bytes(plan);
    int64_t sure = (int64_t)(SURE_SHARE * (double)more);
    say(plan, step, room.resident);
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
