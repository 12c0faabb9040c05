/* A process that reads shards, through the command: what its summary, and that of the merge, say became of
 * the messages.
 */
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mock_cluster.h"
#include "rf_file.h"
#include "rf_shard.h"
#include "run_verbs.h"

#define CLAIM "anew/orders-0.claim"

static mock_cluster mock;

static void verb_begins(void)
{
}

/* Of each ten: six orders, a repeat of one, two that are not wanted, and one that is cut short. */
static void print_message(void *context, int i, char key[64], char value[1024])
{
    bool wanted = i % 10 < 7, whole = i % 10 != 9;
    int id = i % 10 == 6 ? i - 1 : i;
    (void)context;
    snprintf(key, 64, "u%d", i % 5);
    snprintf(value, 1024, "{\"u\":\"u%d\",\"e\":\"e%d\",\"t\":%d,\"id\":\"%d\",\"kind\":\"%s\"%s", i % 5,
             i % 3, 1500000000 + i, id, wanted ? "order" : "visit", whole ? "}" : "");
}

/* A cluster with 100 messages, and the job that reads it. */
static void begin_cluster(void)
{
    char job[1024];
    mock = mock_start(1);
    mock_topic(&mock, "orders", 2);
    mock_topic(&mock, "bad", 1);
    mock_fill(&mock, "orders", 0, 100, print_message, NULL);
    int n = snprintf(job, sizeof job,
                     "source: {type: kafka, topics: [orders], where: [kind = order]}\n"
                     "kafka: {bootstrap.servers: '%s', group.id: g, session.timeout.ms: 4000}\n"
                     "fields: {user: u, entity: e, time: {field: t, format: s}, event_id: id}\n"
                     "graph: {window: all, shards: shards}\n"
                     "ingest: {dead_letter_topic: bad, max_rejects: 0.5}\n",
                     mock.servers);
    rf_spill("job.yaml", job, (size_t)n);
}

static int64_t count_in(const char *path, const char *name)
{
    char key[32];
    char *text = rf_slurp(path, NULL);
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *events = strstr(text, "\"events\":"), *at = events == NULL ? NULL : strstr(events, key);
    int64_t count = at == NULL ? 0 : strtoll(at + strlen(key), NULL, 10);
    free(text);
    return count;
}

static void check_counts(const char *path)
{
    ck_assert_int_eq(count_in(path, "read"), 100);
    ck_assert_int_eq(count_in(path, "accepted"), 60);
    ck_assert_int_eq(count_in(path, "duplicate"), 10);
    ck_assert_int_eq(count_in(path, "filtered"), 20);
    ck_assert_int_eq(count_in(path, "rejected"), 10);
}

START_TEST(counts_of_shards_add_up_with_messages_that_are_not_wanted)
{
    enter_folder();
    begin_cluster();
    must_run("build --config job.yaml --summary build.json" QUIET);
    check_counts("build.json");
    must_run("merge --config job.yaml --output merged.h5 --summary merge.json" QUIET);
    check_counts("merge.json");
    must_run("inspect merged.h5 --json --quiet");
    char *said = rf_slurp("said.txt", NULL);
    ck_assert_msg(strstr(said, "\"partition\":0,\"next\":100,\"cluster\":\"mockCluster") != NULL, "%s", said);
    free(said);
    mock_stop(&mock);
}
END_TEST

/* ---- a share that another process takes ---- */

static bool claim_says(const char *epoch)
{
    char *text = rf_path_exists(CLAIM) ? rf_slurp(CLAIM, NULL) : NULL;
    bool says = text != NULL && strstr(text, epoch) != NULL;
    free(text);
    return says;
}

/* As soon as the second build has claimed the share. By a graph of other settings, which is refused: the
 * claim was made by then. HDF5 is for one thread, so this is a process of its own. */
static pid_t take_over(void)
{
    static const rf_schema none;
    static rf_bigraph_options options;
    rf_err why = {0};
    rf_bigraph *graph = NULL;
    rf_shard *shard = NULL;
    int64_t next = 0;
    const pid_t child = fork();
    if (child != 0)
        return child;
    while (!claim_says("\nepoch 2\n"))
        (void)nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    rf_bigraph_options_default(&options);
    options.schema = &none;
    rf_status st = rf_bigraph_new(&graph, &options, &why);
    if (st == RF_OK)
        st = rf_shard_claim(&shard, graph, "anew", "orders", 0, "another", 0, &next, &why);
    _exit(st == RF_E_FORMAT ? 0 : 1);
}

START_TEST(what_was_saved_of_another_topic_does_not_make_a_share_complete)
{
    int refused = -1;
    enter_folder();
    begin_cluster();
    must_run("build --config job.yaml --shards anew" QUIET);
    mock_stop(&mock);
    begin_cluster(); /* as many messages: the saved offset is the end of this topic, too */
    const pid_t other = take_over();
    ck_assert_int_gt(other, 0);
    int status = ringfence("build --config job.yaml --shards anew --set source.changed=new" QUIET);
    ck_assert_int_eq(waitpid(other, &refused, 0), other);
    char *said = rf_slurp("said.txt", NULL);
    ck_assert(refused == 0 && claim_says("\nepoch 3\n"));
    ck_assert_msg(status != 0 && strstr(said, "orders[0]: another process took its shard in anew, but saved "
                                              "it only up to offset 0 of 100") != NULL,
                  "status %d: %s", status, said);
    free(said);
    mock_stop(&mock);
}
END_TEST

RF_SUITE("kafka_shards", counts_of_shards_add_up_with_messages_that_are_not_wanted,
         what_was_saved_of_another_topic_does_not_make_a_share_complete)
