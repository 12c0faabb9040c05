/* build_shards.c - one state a partition, in a folder that the processes of one consumer group share: claimed
 * when the group assigns the partition to this process, saved now and then, released when the group takes it
 * away.
 *
 * Nothing is published here: `merge` joins the shards into graph.h5. If another process has claimed a
 * partition in the meantime, this process gives up only that one and continues with the rest.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "rf_signal.h"
#include "rf_file.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_shard.h"
#include "rf_table.h"
#include "rf_time.h"

#define CLAIM_WAIT_S 10.0 /* for owners that are slow to let go, all partitions of a rebalance together */
#define SAME_REBALANCE_S 1.0

typedef struct share share; /* one partition's */
struct share {
    share *next;
    char *topic; /* owned */
    int32_t partition;
    rf_bigraph *graph; /* NULL: given up, its events are dropped */
    rf_shard *shard;
    int64_t saved;    /* offset behind what is saved, -1: nothing */
    int64_t handed;   /* events handed out since it was claimed */
    rf_counts before; /* when it was claimed */
    int64_t left_at;  /* what was saved of another topic of this name; -1: nothing */
    rf_topic_origin left;
};

typedef struct build {
    rf_job *job;
    const char *folder;
    char owner[300]; /* for people who read a claim */
    rf_source_options source_options;
    rf_source_owner hooks;
    rf_source *source;
    share *shares;
    rf_counts counts;             /* of shares that are gone */
    double claiming_s, claimed_s; /* when this rebalance's first claim began, and its last one ended */
} build;

/* ---- a share ---- */

static void free_share(share *s)
{
    if (s == NULL)
        return;
    rf_shard_release(&s->shard);
    rf_bigraph_free(s->graph);
    rf_topic_origin_clear(&s->left);
    rf_mem_free(s->topic);
    rf_mem_free(s);
}

static share *find(const build *work, const char *topic, int32_t partition)
{
    share *s = work->shares;
    while (s != NULL && (s->partition != partition || strcmp(s->topic, topic) != 0))
        s = s->next;
    return s;
}

/* What was read, wanted, and became no event was rejected. */
static void count(share *s, const rf_input_position *at)
{
    rf_counts *counts = rf_bigraph_counts(s->graph);
    counts->read = s->before.read + at->records;
    counts->filtered = s->before.filtered + at->filtered;
    counts->rejected = s->before.rejected + at->records - at->filtered - s->handed;
}

static void add_counts(rf_counts *to, const rf_counts *now, const rf_counts *before)
{
    to->read += now->read - before->read;
    to->accepted += now->accepted - before->accepted;
    to->rejected += now->rejected - before->rejected;
    to->filtered += now->filtered - before->filtered;
    to->duplicate += now->duplicate - before->duplicate;
    to->late += now->late - before->late;
    to->waiting += now->waiting - before->waiting;
    to->expired += now->expired - before->expired;
}

static bool is_saved(const share *s, const rf_input_position *at)
{
    return s->saved == at->offset && rf_topic_origin_equal(rf_shard_origin(s->shard), &at->origin);
}

/* Another process that has claimed the shard meanwhile keeps it: this one gives it up, without an error. */
static rf_status save_share(build *work, share *s, const rf_input_position *at, rf_err *err)
{
    rf_err own = {0};
    if (s->graph == NULL || is_saved(s, at))
        return RF_OK;
    count(s, at);
    rf_status st = rf_shard_save(s->shard, s->graph, at->offset, &at->origin, &own);
    if (st >= 0) {
        s->saved = at->offset;
        return RF_OK;
    }
    if (!rf_shard_fenced(s->shard))
        return rf_err_set(err, st, own.file, own.line, "%s", own.msg);
    rf_log(RF_LOG_WARN, "%s; this process continues without %s[%d]", own.msg, s->topic, (int)s->partition);
    add_counts(&work->counts, rf_bigraph_counts(s->graph), &s->before);
    rf_bigraph_free(s->graph);
    s->graph = NULL;
    return RF_OK;
}

/* ---- what the group gives and takes ---- */

/* A process that hangs holds all its shards: waiting for each of them in turn would keep the group from work.
 */
static int64_t patience_us(build *work)
{
    double now = rf_monotonic_s();
    if (now - work->claimed_s > SAME_REBALANCE_S)
        work->claiming_s = now;
    double left = CLAIM_WAIT_S - (now - work->claiming_s);
    return left > 0 ? (int64_t)(left * 1e6) : 0;
}

static rf_status assigned(void *context, const char *topic, int32_t partition, rf_input_position *at,
                          void **out, rf_err *err)
{
    rf_status st = RF_OK;
    build *work = context;
    share *s = NULL;
    char n[32];
    RF_ZERO(s, 1, err);
    s->partition = partition;
    s->left_at = -1;
    s->topic = rf_mem_text(topic, strlen(topic), err);
    if (s->topic == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_TRY(rf_bigraph_new(&s->graph, &work->job->settings->graph, err));
    RF_TRY(rf_shard_claim(&s->shard, s->graph, work->folder, topic, partition, work->owner, patience_us(work),
                          &s->saved, err));
    if (rf_bigraph_forgotten(s->graph) > 0)
        rf_log(RF_LOG_INFO, "retention: %s[%d]: %s dropped", topic, (int)partition,
               RF_THINGS(rf_bigraph_forgotten(s->graph), "event"));
    work->claimed_s = rf_monotonic_s();
    s->before = *rf_bigraph_counts(s->graph);
    at->offset = s->saved;
    at->origin = *rf_shard_origin(s->shard);
    rf_log(RF_LOG_INFO,
           s->saved < 0 ? "%s[%d]: taken, nothing of it is saved yet%s"
                        : "%s[%d]: taken, continuing at offset %s",
           topic, (int)partition, s->saved < 0 ? "" : rf_count_format(n, s->saved));
    s->next = work->shares;
    work->shares = s;
    *out = s;
    s = NULL;
done:
    free_share(s);
    return st;
}

static void log_release(const share *s, const rf_input_position *at)
{
    if (s->graph == NULL)
        return; /* said when it was given up */
    if (s->saved == at->offset)
        rf_log(RF_LOG_INFO, "%s[%d]: %s read, saved up to offset %s, released", s->topic, (int)s->partition,
               RF_THINGS(at->records, "message"), RF_COUNT(s->saved));
    else
        rf_log(RF_LOG_WARN, "%s[%d]: lost; its next owner reads again from offset %s", s->topic,
               (int)s->partition, RF_COUNT(s->saved < 0 ? 0 : s->saved));
}

static rf_status revoked(void *context, const rf_input_position *at, void *which, bool lost, rf_err *err)
{
    rf_status st = RF_OK;
    build *work = context;
    share *s = which;
    rf_positions all = {0};
    if (!lost && s->graph != NULL && !is_saved(s, at)) {
        /* keeps the dead letters: whoever continues after this offset will not see the bad messages before it
         */
        RF_TRY(rf_source_positions(work->source, &all, err));
        RF_TRY(save_share(work, s, at, err));
    }
done:
    rf_positions_clear(&all);
    log_release(s, at);
    if (s->graph != NULL) {
        count(s, at);
        add_counts(&work->counts, rf_bigraph_counts(s->graph), &s->before);
    }
    share **link = &work->shares;
    while (*link != NULL && *link != s)
        link = &(*link)->next;
    if (*link != NULL)
        *link = s->next;
    free_share(s);
    return st;
}

static rf_status saved_elsewhere(void *context, const char *topic, int32_t partition, int64_t *offset,
                                 rf_topic_origin *origin, rf_err *err)
{
    const build *work = context;
    return origin == NULL ? rf_shard_offset(work->folder, topic, partition, offset, err)
                          : rf_shard_saved(work->folder, topic, partition, offset, origin, err);
}

static rf_status restarted(void *context, void *which, rf_err *err)
{
    share *s = which;
    (void)context;
    rf_status st = rf_topic_origin_copy(&s->left, rf_shard_origin(s->shard), err);
    if (st < 0)
        return st;
    rf_log(RF_LOG_INFO, "%s[%d]: what its shard holds stays, and the topic is read as another one", s->topic,
           (int)s->partition);
    s->left_at = s->saved;
    s->saved = -1;
    rf_shard_restart(s->shard);
    return RF_OK;
}

/* ---- the loop's work ---- */

static rf_status add(void *context, const rf_event *const *events, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    (void)context;
    for (size_t from = 0, to; from < n; from = to) {
        share *s = events[from]->share;
        for (to = from + 1; to < n && events[to]->share == s; to++)
            ;
        if (s->graph == NULL)
            continue;
        s->handed += (int64_t)(to - from);
        RF_TRY(rf_bigraph_add_events(s->graph, events + from, to - from, err));
    }
done:
    return st;
}

/* Shares that were given up go behind the others, out of what the broker is told. */
static size_t sort_saved(const build *work, rf_positions *at)
{
    size_t n = 0;
    for (size_t i = 0; i < at->n; i++) {
        const share *s = find(work, at->items[i].name, at->items[i].partition);
        if (s == NULL || s->graph == NULL)
            continue;
        rf_input_position other = at->items[n];
        at->items[n++] = at->items[i];
        at->items[i] = other;
    }
    return n;
}

static rf_status save(void *context, rf_err *err)
{
    rf_status st = RF_OK;
    build *work = context;
    rf_positions at = {0};
    rf_source_metrics metrics;
    char took[32];
    double began = rf_monotonic_s();
    int changed = 0;
    RF_TRY(rf_source_positions(work->source, &at, err));
    for (size_t i = 0; i < at.n; i++) {
        share *s = find(work, at.items[i].name, at.items[i].partition);
        if (s == NULL || s->graph == NULL || at.items[i].offset < 0 || is_saved(s, &at.items[i]))
            continue;
        changed++;
        RF_TRY(save_share(work, s, &at.items[i], err));
    }
    if (changed == 0)
        goto done;
    const rf_positions saved = {.items = at.items, .n = sort_saved(work, &at)};
    rf_source_saved(work->source, &saved);
    rf_source_metrics_get(work->source, &metrics);
    rf_log(RF_LOG_INFO, "%s of this process saved after %s, in %s; %s behind the end",
           RF_THINGS(changed, "shard"), RF_THINGS(metrics.consumed, "message"),
           rf_seconds_format(took, rf_monotonic_s() - began),
           metrics.lag < 0 ? "unknown how far" : RF_COUNT(metrics.lag));
done:
    rf_positions_clear(&at);
    return st;
}

/* ---- the end ---- */

/* How far the process that took the share has saved it. What was saved of another topic of its name is there
 * until then. */
static rf_status saved_of(const build *work, const share *s, int64_t *offset, rf_err *err)
{
    rf_status st = RF_OK;
    rf_topic_origin origin = {0};
    RF_TRY(rf_shard_saved(work->folder, s->topic, s->partition, offset, &origin, err));
    bool left = s->left_at >= 0 && *offset == s->left_at && rf_topic_origin_equal(&origin, &s->left);
    *offset = left || *offset < 0 ? 0 : *offset;
done:
    rf_topic_origin_clear(&origin);
    return st;
}

/* A share that was given up is complete if the process that took it has read it to the end. */
static rf_status check_given_up(const build *work, rf_err *err)
{
    rf_status st = RF_OK;
    rf_positions at = {0};
    int64_t offset;
    RF_TRY(rf_source_positions(work->source, &at, err));
    for (size_t i = 0; i < at.n; i++) {
        const rf_input_position *p = &at.items[i];
        const share *s = find(work, p->name, p->partition);
        if (s == NULL || s->graph != NULL)
            continue;
        RF_TRY(saved_of(work, s, &offset, err));
        if (offset < p->offset)
            RF_FAIL(err, RF_E_KAFKA,
                    "%s[%d]: another process took its shard in %s, but saved it only up to offset %lld of "
                    "%lld; check "
                    "that no process of another group writes to this folder, then run this again",
                    p->name, (int)p->partition, work->folder, (long long)offset, (long long)p->offset);
    }
done:
    rf_positions_clear(&at);
    return st;
}

static rf_status read_events(build *work, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_build_work loop = {.context = work, .add = add, .save = save, .shared = true};
    bool stopped;
    RF_TRY(rf_build_read(work->job, work->source, &loop, &stopped, err));
    RF_TRY(save(work, err));
    if (!stopped)
        RF_TRY(check_given_up(work, err));
    rf_build_summarise(work->job, work->source);
    rf_build_say_rejects(work->source);
    if (stopped)
        RF_FAIL(err, RF_E_INTERRUPTED,
                "interrupted; this process's shards are saved in %s; the same command continues, the other "
                "processes keep running",
                work->folder);
done:
    return st;
}

static rf_status prepare(build *work, rf_err *err)
{
    rf_status st = RF_OK;
    rf_settings *settings = work->job->settings;
    char host[256] = "";
    RF_TRY(rf_settings_check_source(settings, err));
    if (work->job->rebuild)
        RF_FAIL(err, RF_E_INVALID,
                "--rebuild cannot be used with graph.shards: the other processes would not know of it; stop "
                "them all, "
                "then name another folder, or empty %s",
                settings->files.shards);
    work->folder = settings->files.shards;
    RF_TRY(rf_path_make_folders(work->folder, err));
    (void)gethostname(host, sizeof host - 1);
    snprintf(work->owner, sizeof work->owner, "%s:%ld", host, (long)getpid());
    work->hooks = (rf_source_owner){work, assigned, revoked, saved_elsewhere, restarted};
    work->source_options = settings->source;
    work->source_options.kafka.owner = &work->hooks;
done:
    return st;
}

rf_status rf_build_shards(rf_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    build work = {.job = job};
    const rf_counts *counts = &work.counts;
    rf_text text = {0};
    rf_summary_begin(&job->summary);
    RF_TRY(prepare(&work, err));
    RF_TRY(rf_build_open(&work.source, &work.source_options, err));
    RF_TRY(read_events(&work, err));
    rf_source_close(&work.source); /* lets the shares go, which counts them */
    job->summary.has_events = true;
    job->summary.events = *counts;
    RF_TRY(rf_counts_print(&text, counts, err));
    rf_log(RF_LOG_INFO, "%s read by this process: %s; `ringfence merge` makes the graph of %s",
           RF_THINGS(counts->read, "message"), text.ptr, work.folder);
    RF_TRY(rf_summary_add_file(&job->summary, work.folder, err));
    rf_summary_end(&job->summary, "build");
done:
    rf_text_clear(&text);
    rf_source_close(&work.source);
    rf_signal_hold(false);
    while (work.shares != NULL) { /* none, unless the source could not be closed in order */
        share *s = work.shares;
        work.shares = s->next;
        free_share(s);
    }
    return st;
}
