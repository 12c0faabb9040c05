/* shard_owner.h - owners of one partition, whose message i is event i. */
#ifndef RF_SHARD_OWNER_H
#define RF_SHARD_OWNER_H

#include "made_events.h"
#include "rf_check.h"
#include "rf_file.h"
#include "rf_log.h"
#include "rf_shard.h"

#define OWNER_EVENTS 1200
#define OWNER_TOPIC "orders-1"

static made_event owner_items[OWNER_EVENTS];

static bool owner_of_kinds; /* events have three kinds of entity */

static inline rf_bigraph_options owner_options(rf_granularity granularity)
{
    rf_bigraph_options options =
        owner_of_kinds ? made_options_of_kinds(granularity) : made_options(granularity);
    options.window_us = 0;
    options.as_of_us = RF_AS_OF_LATEST;
    return options;
}

static inline void owner_make_events(void)
{
    rf_rng rng;
    setenv("SOURCE_DATE_EPOCH", "1", 1); /* files are compared byte for byte */
    rf_log_setup(RF_LOG_ERROR, RF_LOG_TEXT, "test");
    rf_rng_init(&rng, 17, 0);
    for (int i = 0; i < OWNER_EVENTS; i++)
        owner_items[i] = made_event_at(&rng, i, 12);
}

static inline char *owner_fresh_folder(char out[RF_TEST_PATH])
{
    static int number;
    char name[32];
    snprintf(name, sizeof name, "shards-%d", number++);
    return rf_tmp_path(out, name);
}

static inline rf_bigraph *owner_graph(void)
{
    static rf_bigraph_options options;
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    options = owner_options(RF_GRANULARITY_PAIR);
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    return graph;
}

static inline void owner_add(rf_bigraph *graph, int64_t from, int64_t to)
{
    rf_err err = {0};
    for (int64_t i = from; i < to && i < OWNER_EVENTS; i++) {
        rf_event event = made_rf_event(&owner_items[i], true);
        RF_HOLDS(rf_bigraph_add_event(graph, &event, &err) == RF_OK);
    }
}

typedef struct owner { /* of partition 2 of OWNER_TOPIC */
    rf_bigraph *graph;
    rf_shard *shard;
    int64_t next; /* 0 where nothing was saved */
} owner;

static inline rf_status owner_try_claim(owner *o, const char *folder, const char *name, int64_t wait_us,
                                        rf_err *err)
{
    o->graph = owner_graph();
    rf_status st = rf_shard_claim(&o->shard, o->graph, folder, OWNER_TOPIC, 2, name, wait_us, &o->next, err);
    if (st < 0) {
        rf_bigraph_free(o->graph);
        o->graph = NULL;
        return st;
    }
    int64_t held = rf_bigraph_counts(o->graph)->accepted;
    o->next = o->next < 0 ? 0 : o->next;
    RF_HOLDS(held == o->next);
    return RF_OK;
}

static inline owner owner_claim(const char *folder, const char *name, int64_t wait_us)
{
    rf_err err = {0};
    owner o = {0};
    RF_CHECK_OK(err, owner_try_claim(&o, folder, name, wait_us, &err));
    return o;
}

static inline rf_status owner_go_on(owner *o, int events, rf_err *err)
{
    int64_t to = o->next + events < OWNER_EVENTS ? o->next + events : OWNER_EVENTS;
    owner_add(o->graph, o->next, to);
    o->next = to;
    return rf_shard_save(o->shard, o->graph, to, &(rf_topic_origin){0}, err);
}

static inline void owner_leave(owner *o)
{
    rf_shard_release(&o->shard);
    rf_bigraph_free(o->graph);
    *o = (owner){0};
}

static inline int64_t owner_saved_offset(const char *folder)
{
    rf_err err = {0};
    int64_t next = -2;
    RF_CHECK_OK(err, rf_shard_offset(folder, OWNER_TOPIC, 2, &next, &err));
    return next;
}

/* What the folder holds is what one process makes of all the events. */
static inline void owner_check_whole(const char *folder)
{
    rf_err err = {0};
    rf_published published;
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    owner o = owner_claim(folder, "judge", 0);
    ck_assert_int_eq(o.next, OWNER_EVENTS);
    RF_CHECK_OK(err, rf_bigraph_publish(o.graph, rf_tmp_path(a, "a.h5"), NULL, NULL, &published, &err));
    owner_leave(&o);
    rf_bigraph *graph = owner_graph();
    owner_add(graph, 0, OWNER_EVENTS);
    RF_CHECK_OK(err, rf_bigraph_publish(graph, rf_tmp_path(b, "b.h5"), NULL, NULL, &published, &err));
    rf_bigraph_free(graph);
    ck_assert(rf_files_equal(a, b));
}

static inline void owner_claim_path(char out[RF_TEST_PATH + 32], const char *folder)
{
    snprintf(out, RF_TEST_PATH + 32, "%s/" OWNER_TOPIC "-2.claim", folder);
}

#endif
