/* checkpoint_optimizer.c - /optimizer of model.h5: what resuming a training needs, and beginning another
 * where it ended.
 *
 * Reading trusts nothing, as checkpoint.c. The options of the training loop arrive here as one line of text,
 * and are compared word by word.
 */
#include "checkpoint_int.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

#define WARM_FROM "warm_from" /* absent: the training began cold */
#define WARM_GOAL "warm_goal"

/* ---- whose training it is ---- */

typedef struct word { /* of a list of options, `key=value` with spaces between them */
    const char *text;
    int len;
} word;

static word first_word(const char *list)
{
    return *list == '\0' ? (word){"the default", (int)strlen("the default")}
                         : (word){list, (int)strcspn(list, " ")};
}

/* The first word of a that is not that of b in the same place, and that one; false: all are the same. */
static bool find_difference(word *of_a, word *of_b, const char *a, const char *b)
{
    while (*a != '\0' || *b != '\0') {
        *of_a = first_word(a);
        *of_b = first_word(b);
        if (of_a->len != of_b->len || memcmp(of_a->text, of_b->text, (size_t)of_a->len) != 0)
            return true;
        a += strcspn(a, " ");
        b += strcspn(b, " ");
        a += *a == ' ';
        b += *b == ' ';
    }
    return false;
}

/* Checks that graph and options are the same. Options are words in a fixed order; the message names the first
 * that differs. They come first: some decide what is kept of the graph. */
static rf_status check_identity(rf_h5 *file, const char *options, const char *graph, rf_err *err)
{
    rf_status st = RF_OK;
    char *stored_options = NULL, *stored_graph = NULL;
    word was, is;
    RF_TRY(rf_h5_read_attr_text(file, "/optimizer", "graph", &stored_graph, err));
    RF_TRY(rf_h5_read_attr_text(file, "/optimizer", "options", &stored_options, err));
    if (find_difference(&was, &is, stored_options, options))
        RF_FAIL(err, RF_E_INVALID,
                "%s: was trained with %.*s, but %.*s is asked for; use that option, another file, or restart",
                rf_h5_path(file), was.len, was.text, is.len, is.text);
    if (strcmp(stored_graph, graph) != 0)
        RF_FAIL(err, RF_E_INVALID,
                "%s: was trained on another graph (%.16s, this one is %s); use another file, or restart",
                rf_h5_path(file), stored_graph, graph);
done:
    rf_mem_free(stored_options);
    rf_mem_free(stored_graph);
    return st;
}

/* why: what keeps another training from going on with this one, or "". */
static rf_status check_ended(char *why, rf_h5 *file, const char *options, rf_err *err)
{
    rf_status st = RF_OK;
    char *stored = NULL, *ended_by = NULL;
    word was, is;
    RF_TRY(rf_h5_read_attr_text(file, "/optimizer", "options", &stored, err));
    if (rf_h5_has_attr(file, "/optimizer", "ended_by"))
        RF_TRY(rf_h5_read_attr_text(file, "/optimizer", "ended_by", &ended_by, err));
    if (ended_by == NULL || ended_by[0] == '\0')
        (void)snprintf(why, RF_WARM_WHY, "its training did not come to its end");
    else if (find_difference(&was, &is, stored, options))
        (void)snprintf(why, RF_WARM_WHY, "it was trained with %.*s, and %.*s is asked for", was.len, was.text,
                       is.len, is.text);
done:
    rf_mem_free(stored);
    rf_mem_free(ended_by);
    return st;
}

/* ---- its state ---- */

/* Of a training that began where another one had ended. */
static rf_status read_warm(rf_progress_state *state, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    char *id = NULL;
    if (!rf_h5_has_attr(file, "/optimizer", WARM_FROM))
        return RF_OK;
    RF_TRY(rf_h5_read_attr_text(file, "/optimizer", WARM_FROM, &id, err));
    RF_TRY(rf_h5_read_attr_double(file, "/optimizer", WARM_GOAL, &state->warm_goal, err));
    if (strlen(id) != 16 || strspn(id, "0123456789abcdef") != 16 || isnan(state->warm_goal))
        RF_FAIL(err, RF_E_FORMAT, "%s: " WARM_FROM " of /optimizer is %.60s: not a model's id",
                rf_h5_path(file), id);
    memcpy(state->warm_from, id, sizeof state->warm_from);
done:
    rf_mem_free(id);
    return st;
}

static rf_status read_state(rf_adam *adam, rf_progress_state *state, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t step, epoch, stale, early, peak_epoch = 0;
    RF_TRY(rf_h5_read_attr_int(file, "/optimizer", "step", &step, 1, err));
    RF_TRY(rf_h5_read_attr_int(file, "/optimizer", "epoch", &epoch, 1, err));
    RF_TRY(rf_h5_read_attr_int(file, "/optimizer", "stale_epochs", &stale, 1, err));
    RF_TRY(rf_h5_read_attr_int(file, "/optimizer", "stopped_early", &early, 1, err));
    RF_TRY(rf_h5_read_attr_double(file, "/optimizer", "loss", &state->loss, err));
    RF_TRY(rf_h5_read_attr_double(file, "/optimizer", "best_loss", &state->best_loss, err));
    if (rf_h5_has_attr(file, "/optimizer", "peak_epoch")) { /* older checkpoints do not have it */
        RF_TRY(rf_h5_read_attr_int(file, "/optimizer", "peak_epoch", &peak_epoch, 1, err));
        RF_TRY(rf_h5_read_attr_double(file, "/optimizer", "peak_concentration", &state->rule.peak, err));
    }
    RF_TRY(read_warm(state, file, err));
    /* Adam's steps are counted from the last training that began cold */
    if (epoch < 0 || epoch > 1000000000 || step < epoch || (step > epoch && state->warm_from[0] == '\0') ||
        stale < 0 || stale > epoch || early < 0 || early > 1 || isnan(state->loss) ||
        isnan(state->best_loss) || peak_epoch < 0 || peak_epoch > epoch || isnan(state->rule.peak))
        RF_FAIL(err, RF_E_FORMAT,
                "%s: /optimizer is at step %" PRId64 " of epoch %" PRId64 ": not a state of a training",
                rf_h5_path(file), step, epoch);
    adam->step = step;
    state->epoch = (int)epoch;
    state->stale = (int)stale;
    state->stopped_early = early != 0;
    state->rule.peak_epoch = (int)peak_epoch;
done:
    return st;
}

static rf_status read_moments(rf_adam *adam, rf_h5 *file, const rf_graphbean *model, rf_err *err)
{
    rf_status st = RF_OK;
    int n_tensors;
    size_t at = 0;
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    for (int t = 0; t < n_tensors; t++) {
        if (tensors[t].running)
            continue;
        RF_TRY(rf_checkpoint_read_numbers(adam->m + at, file, "/optimizer/m", &tensors[t], false, err));
        RF_TRY(rf_checkpoint_read_numbers(adam->v + at, file, "/optimizer/v", &tensors[t], true, err));
        at += rf_tensor_size(&tensors[t]);
    }
done:
    return st;
}

rf_status rf_checkpoint_read_optimizer(rf_adam *adam, rf_progress_state *state, rf_h5 *file,
                                       const rf_graphbean *model, const char *options, const char *graph,
                                       rf_err *err)
{
    rf_status st = RF_OK;
    if (!rf_h5_exists(file, "/optimizer"))
        RF_FAIL(err, RF_E_INVALID,
                "%s: holds a model but no /optimizer: it cannot be trained further; use another "
                "file, or restart",
                rf_h5_path(file));
    RF_TRY(check_identity(file, options, graph, err));
    RF_TRY(read_state(adam, state, file, err));
    RF_TRY(read_moments(adam, file, model, err));
done:
    return st;
}

rf_status rf_checkpoint_read_ended(char *why, rf_adam *adam, rf_progress_state *state, rf_h5 *file,
                                   const rf_graphbean *model, const char *options, rf_err *err)
{
    rf_status st = RF_OK;
    why[0] = '\0';
    if (!rf_h5_exists(file, "/optimizer")) {
        (void)snprintf(why, RF_WARM_WHY, "it has no /optimizer");
        return RF_OK;
    }
    RF_TRY(check_ended(why, file, options, err));
    if (why[0] != '\0')
        goto done;
    RF_TRY(read_state(adam, state, file, err));
    RF_TRY(read_moments(adam, file, model, err));
done:
    return st;
}

/* ---- writing ---- */

static rf_status write_warm(rf_h5 *file, const rf_progress_state *state, rf_err *err)
{
    rf_status st = RF_OK;
    if (state->warm_from[0] == '\0')
        return RF_OK;
    RF_TRY(rf_h5_write_attr_text(file, "/optimizer", WARM_FROM, state->warm_from, err));
    RF_TRY(rf_h5_write_attr_double(file, "/optimizer", WARM_GOAL, state->warm_goal, err));
done:
    return st;
}

rf_status rf_checkpoint_write_optimizer(rf_h5 *file, const rf_graphbean *model, const rf_adam *adam,
                                        const rf_progress_state *state, const char *ended_by,
                                        const char *options, const char *graph, rf_err *err)
{
    rf_status st = RF_OK;
    int n_tensors;
    size_t at = 0;
    int64_t epoch = state->epoch, stale = state->stale, early = state->stopped_early,
            peak_epoch = state->rule.peak_epoch;
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    for (int t = 0; t < n_tensors; t++) {
        if (tensors[t].running)
            continue;
        RF_TRY(rf_checkpoint_write_numbers(file, "/optimizer/m", &tensors[t], adam->m + at, err));
        RF_TRY(rf_checkpoint_write_numbers(file, "/optimizer/v", &tensors[t], adam->v + at, err));
        at += rf_tensor_size(&tensors[t]);
    }
    RF_TRY(rf_h5_write_attr_int(file, "/optimizer", "step", &adam->step, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/optimizer", "epoch", &epoch, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/optimizer", "stale_epochs", &stale, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/optimizer", "stopped_early", &early, 1, err));
    RF_TRY(rf_h5_write_attr_double(file, "/optimizer", "loss", state->loss, err));
    RF_TRY(rf_h5_write_attr_double(file, "/optimizer", "best_loss", state->best_loss, err));
    RF_TRY(rf_h5_write_attr_int(file, "/optimizer", "peak_epoch", &peak_epoch, 1, err));
    RF_TRY(rf_h5_write_attr_double(file, "/optimizer", "peak_concentration", state->rule.peak, err));
    RF_TRY(write_warm(file, state, err));
    RF_TRY(rf_h5_write_attr_text(file, "/optimizer", "ended_by", ended_by, err));
    RF_TRY(rf_h5_write_attr_text(file, "/optimizer", "options", options, err));
    RF_TRY(rf_h5_write_attr_text(file, "/optimizer", "graph", graph, err));
done:
    return st;
}
