/* merge_plan.c - reads from the files to be joined which partitions each holds, and up to which offset.
 *
 * An event must not count twice, so two files that read the same partition cannot be joined, unless both
 * are shards of it: then the later one has all that the earlier one has. The file with the newest event
 * goes first, so that the window has its final end before anything is compared or dropped.
 */
#include "rf_merge.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "merge_int.h"
#include "rf_file.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "shard_int.h"
#include "sort_int.h"
#include "state_int.h"

const char *rf_input_name(char out[RF_INPUT_NAME], const rf_input_position *input)
{
    if (input->partition < 0)
        snprintf(out, RF_INPUT_NAME, "%s", input->name);
    else
        snprintf(out, RF_INPUT_NAME, "%.180s[%" PRId32 "]", input->name, input->partition);
    return out;
}

bool rf_input_same(const rf_input_position *a, const rf_input_position *b)
{
    return a->partition >= 0 || strcmp(a->name, "stdin") != 0 || a->fingerprint == b->fingerprint;
}

/* ---- looking at the files ---- */

/* *format is NULL where the file names none. */
static rf_status read_format(char **format, rf_h5 *file, rf_err *err)
{
    return rf_h5_has_attr(file, "/", "format") ? rf_h5_read_attr_text(file, "/", "format", format, err)
                                               : RF_OK;
}

rf_status rf_merge_check(bool *is_shard, rf_h5 *file, rf_err *err)
{
    static const char *const formats[] = {RF_GRAPH_FORMAT, RF_BUILDING_FORMAT, RF_SHARD_FORMAT};
    rf_status st = RF_OK;
    char *found = NULL;
    int kind = 0;
    RF_TRY(read_format(&found, file, err));
    while (kind < 3 && (found == NULL || strcmp(found, formats[kind]) != 0))
        kind++;
    if (kind == 3)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: is not a shard or graph (its format is \"%.64s\"): only these can be joined",
                rf_h5_path(file), found == NULL ? "" : found);
    RF_TRY(rf_state_check(file, formats[kind], err));
    *is_shard = kind == 2;
done:
    rf_mem_free(found);
    return st;
}

static void clear_input(rf_merge_input *input)
{
    rf_h5_close(&input->file);
    rf_mem_free(input->path);
    rf_mem_free(input->topic);
    rf_positions_clear(&input->positions);
    *input = (rf_merge_input){0};
}

void rf_merge_plan_clear(rf_merge_plan *plan)
{
    for (int i = 0; i < plan->n; i++)
        clear_input(&plan->inputs[i]);
    rf_mem_free(plan->inputs);
    *plan = (rf_merge_plan){0};
}

static rf_status look_at(rf_merge_input *out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_shard_head head = {0};
    bool is_shard;
    *out = (rf_merge_input){.path = rf_mem_text(path, strlen(path), err)};
    if (out->path == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_h5_open(&out->file, path, err));
    RF_TRY(rf_merge_check(&is_shard, out->file, err));
    RF_TRY(rf_h5_read_attr_int(out->file, "/state", "newest_us", &out->newest_us, 1, err));
    RF_TRY(rf_state_read_positions(&out->positions, out->file, err));
    if (!is_shard)
        goto done;
    RF_TRY(rf_shard_head_read(&head, out->file, err));
    if (!rf_shard_agrees(&head, &out->positions))
        RF_FAIL(err, RF_E_FORMAT, RF_STATE_DAMAGED, path, "/state/offsets",
                "differs from the root's attributes");
    out->topic = head.topic;
    head.topic = NULL;
    out->partition = head.partition;
    out->epoch = head.epoch;
    out->next = head.next;
done:
    rf_shard_head_clear(&head);
    return st;
}

/* ---- who holds what ---- */

typedef struct holding {
    const rf_input_position *position;
    rf_merge_input *input;
} holding;

typedef struct holdings { /* all positions of all files, by name and partition */
    holding *all;
    rf_sort_key *keys;
    size_t n;
} holdings;

static int compare(const holding *a, const holding *b)
{
    int order = strcmp(a->position->name, b->position->name);
    int32_t p = a->position->partition, q = b->position->partition;
    return order != 0 ? order : (p > q) - (p < q);
}

static int compare_keys(void *context, uint32_t a, uint32_t b)
{
    const holding *all = context;
    return compare(&all[a], &all[b]);
}

static rf_status gather(holdings *out, const rf_merge_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = 0;
    for (int i = 0; i < plan->n; i++)
        n += plan->inputs[i].positions.n;
    RF_NEW(out->all, n, err);
    RF_NEW(out->keys, n, err);
    for (int i = 0; i < plan->n; i++) {
        rf_merge_input *input = &plan->inputs[i];
        for (size_t k = 0; k < input->positions.n; k++, out->n++) {
            out->all[out->n] = (holding){&input->positions.items[k], input};
            out->keys[out->n] = (rf_sort_key){.value = (uint32_t)out->n};
        }
    }
    rf_sort_keys(out->keys, n, compare_keys, out->all);
done:
    return st;
}

static const holding *at(const holdings *h, size_t i)
{
    return &h->all[h->keys[i].value];
}

/* Two that hold the same; *best becomes the one to take. */
static rf_status settle(const holding **best, const holding *other, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_INPUT_NAME];
    rf_merge_input *a = (*best)->input, *b = other->input;
    const rf_input_position *position = other->position;
    if (a->topic == NULL || b->topic == NULL) {
        if (!rf_input_same(position, (*best)->position))
            return RF_OK;
        RF_FAIL(
            err, RF_E_INVALID,
            "%s and %s both hold %s: its events would count twice; remove one of the files from the command",
            a->path, b->path, rf_input_name(name, position));
    }
    bool newer = b->epoch != a->epoch ? b->epoch > a->epoch : b->next > a->next;
    rf_merge_input *keep = newer ? b : a, *drop = newer ? a : b;
    drop->superseded = true;
    rf_log(RF_LOG_WARN, "%s: left out, for %s holds %s up to offset %" PRId64 " of a later claim", drop->path,
           keep->path, rf_input_name(name, position), keep->next);
    *best = newer ? other : *best;
done:
    return st;
}

/* ---- partitions that nobody holds ---- */

static rf_status warn_of_gaps(const holdings *h, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text gaps = {0}; /* of one topic: "2, 5 to 7" */
    for (size_t i = 0, end; i < h->n; i = end) {
        const char *topic = at(h, i)->position->name;
        int32_t expected = 0;
        rf_text_reset(&gaps);
        for (end = i; end < h->n && strcmp(at(h, end)->position->name, topic) == 0; end++) {
            int32_t partition = at(h, end)->position->partition;
            if (partition > expected)
                RF_TRY(rf_text_printf(&gaps, err, "%s%" PRId32, gaps.len == 0 ? "" : ", ", expected));
            if (partition > expected + 1)
                RF_TRY(rf_text_printf(&gaps, err, " to %" PRId32, partition - 1));
            expected = partition + 1;
        }
        if (gaps.len > 0)
            rf_log(RF_LOG_WARN,
                   "%s: partition %" PRId32 " is in the files, but partition %s is missing: the graph lacks "
                   "its events until its shard is "
                   "joined too",
                   topic, expected - 1, gaps.ptr);
    }
done:
    rf_text_clear(&gaps);
    return st;
}

/* ---- the plan ---- */

rf_status rf_merge_plan_make(rf_merge_plan *out, const char *const *paths, int n, rf_err *err)
{
    rf_status st = RF_OK;
    holdings h = {0};
    rf_merge_plan plan = {0};
    RF_ZERO(plan.inputs, n, err);
    while (plan.n < n) {
        plan.n++;
        RF_TRY(look_at(&plan.inputs[plan.n - 1], paths[plan.n - 1], err));
    }
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) {
            const rf_merge_input *a = &plan.inputs[k], *b = &plan.inputs[i];
            if (rf_h5_same(a->file, b->file))
                RF_FAIL(err, RF_E_INVALID, "%s and %s are the same file: name it once", a->path, b->path);
        }
    }
    RF_TRY(gather(&h, &plan, err));
    for (size_t i = 0, end; i < h.n; i = end) { /* runs of holdings of one partition or input */
        const holding *best = at(&h, i);
        for (end = i + 1; end < h.n && compare(at(&h, i), at(&h, end)) == 0; end++)
            RF_TRY(settle(&best, at(&h, end), err));
    }
    RF_TRY(warn_of_gaps(&h, err));

    int kept = 0;
    for (int i = 0; i < n; i++) { /* newest first; few enough for insertion */
        rf_merge_input input = plan.inputs[i];
        plan.inputs[i] = (rf_merge_input){0};
        if (input.superseded) {
            clear_input(&input);
            continue;
        }
        int k = kept++;
        for (; k > 0 && plan.inputs[k - 1].newest_us < input.newest_us; k--)
            plan.inputs[k] = plan.inputs[k - 1];
        plan.inputs[k] = input;
    }
    plan.n = kept;
    *out = plan;
    plan = (rf_merge_plan){0};
done:
    rf_mem_free(h.all);
    rf_mem_free(h.keys);
    rf_merge_plan_clear(&plan);
    return st;
}

/* ---- a folder of shards ---- */

typedef struct found {
    char **paths;
    size_t n, cap;
} found;

rf_status rf_merge_find(char ***paths, int *n, const char *folder, rf_err *err)
{
    rf_status st = RF_OK;
    found shards = {0};
    char *path = NULL, *format = NULL;
    rf_h5 *file = NULL;
    DIR *entries = opendir(folder);
    if (entries == NULL)
        RF_FAIL(err, RF_E_INVALID, "%s: the folder of shards (graph.shards) cannot be read: %s", folder,
                strerror(errno));
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        size_t len = strlen(entry->d_name);
        if (len <= 3 || strcmp(entry->d_name + len - 3, ".h5") != 0)
            continue;
        /* other files may lie there, a graph.h5 for example; one that cannot be read may be a shard */
        rf_mem_free(path);
        rf_mem_free(format);
        format = NULL;
        path = rf_path_join(folder, entry->d_name, err);
        if (path == NULL) {
            st = RF_E_NOMEM;
            goto done;
        }
        RF_TRY(rf_h5_open(&file, path, err));
        RF_TRY(read_format(&format, file, err));
        rf_h5_close(&file);
        if (format == NULL || strcmp(format, RF_SHARD_FORMAT) != 0)
            continue;
        RF_RESERVE(shards.paths, shards.cap, shards.n + 1, err);
        shards.paths[shards.n++] = path;
        path = NULL;
    }
    if (shards.n == 0)
        RF_FAIL(err, RF_E_INVALID,
                "%s: holds no shard (graph.shards); run `ringfence build` with graph.shards first", folder);
    for (size_t i = 1; i < shards.n; i++) { /* by name; few enough for insertion */
        char *moving = shards.paths[i];
        size_t k = i;
        for (; k > 0 && strcmp(shards.paths[k - 1], moving) > 0; k--)
            shards.paths[k] = shards.paths[k - 1];
        shards.paths[k] = moving;
    }
    *paths = shards.paths;
    *n = (int)shards.n;
    shards = (found){0};
done:
    rf_h5_close(&file);
    rf_mem_free(path);
    rf_mem_free(format);
    for (size_t i = 0; i < shards.n; i++)
        rf_mem_free(shards.paths[i]);
    rf_mem_free(shards.paths);
    if (entries != NULL)
        closedir(entries);
    return st;
}
