/* build_outlook.c - before a graph is published: what would that do to what it held?
 *
 * Newest events that lie alone behind a jump in time wait, and that is said. A window that moves over a jump
 * and so drops most of the state is no success, unless somebody said so.
 */
#include "build.h"
#include "rf_log.h"
#include "rf_table.h"
#include "rf_time.h"

#define FEW 4 /* new events, times this, are fewer than those that they would drop */

static void warn_of_waiting(const rf_job *job, const char *path, const rf_outlook *outlook)
{
    char from[RF_TIME_TEXT], jump[RF_TIME_TEXT];
    if (outlook->ahead == 0)
        return;
    rf_log(RF_LOG_WARN,
           "%s: set aside: %s from %s on, more than %s after all others, and too few to be believed; what is "
           "set aside waits in the state and does not move graph.as_of: latest; if its times are right, "
           "--as-of latest takes it in",
           path, RF_THINGS(outlook->ahead, "event"), rf_time_format(from, outlook->ahead_from_us),
           rf_duration_format(jump, job->settings->graph.jump_us));
}

static void warn_of_thin(const char *path, const rf_outlook *outlook)
{
    char from[RF_TIME_TEXT];
    if (outlook->thin > 0)
        rf_log(RF_LOG_WARN,
               "%s: the newest events, %s from %s on, are fewer than those of the window before, and nothing "
               "lies between: the graph is made of the newest alone; if their clock is wrong, name the end "
               "with --as-of",
               path, RF_COUNT(outlook->thin), rf_time_format(from, outlook->thin_from_us));
}

static void warn_of_loss(const char *path, const rf_outlook *outlook)
{
    char n[2][32], from[RF_TIME_TEXT];
    if (outlook->lost_to_options * 2 > outlook->held ||
        (outlook->lost_to_options > 0 && outlook->lost * 2 > outlook->held))
        rf_log(
            RF_LOG_WARN,
            "%s: %s of the %s events in its state lie before %s, where the window and its history begin now: "
            "they are dropped for good",
            path, rf_count_format(n[0], outlook->lost), rf_count_format(n[1], outlook->held),
            rf_time_format(from, outlook->window_from_us));
}

/* Most of the state would go, because of few new events, or of a jump in time; and nobody said so. */
static bool is_unlikely(const rf_job *job, const rf_outlook *outlook)
{
    int64_t lost = outlook->lost - outlook->lost_to_options;
    return job->settings->graph.as_of_us == RF_AS_OF_LATEST && job->settings->graph.jump_us != 0 &&
           lost * 2 > outlook->held && (outlook->jumped || outlook->news * FEW < lost);
}

rf_status rf_build_outlook(rf_outlook *out, const rf_job *job, rf_bigraph *graph, const char *path,
                           rf_err *err)
{
    rf_status st = RF_OK;
    rf_outlook outlook;
    char to[RF_TIME_TEXT], from[RF_TIME_TEXT];
    RF_TRY(rf_bigraph_look_out(&outlook, graph, err));
    if (is_unlikely(job, &outlook))
        RF_FAIL(err, RF_E_REJECTED,
                "%s: its state ends at %s, and %s would move the window to begin at %s: that drops %s of its "
                "%s; if their times are right, --as-of latest allows it, and --rebuild starts from "
                "nothing",
                path, rf_time_format(to, outlook.held_to_us), RF_THINGS(outlook.news, "newer event"),
                rf_time_format(from, outlook.window_from_us), RF_COUNT(outlook.lost),
                RF_THINGS(outlook.held, "event"));
    *out = outlook;
    warn_of_waiting(job, path, &outlook);
    warn_of_thin(path, &outlook);
    warn_of_loss(path, &outlook);
done:
    return st;
}

void rf_build_say_rejects(const rf_source *source)
{
    rf_reject_tally tally[RF_MOST_TALLIES];
    char n[32];
    int reasons = rf_source_tally(source, tally);
    for (int i = 0; i < reasons; i++)
        rf_log(RF_LOG_WARN, "%s rejected as %s; the first: %s", RF_THINGS(tally[i].records, "record"),
               tally[i].code, tally[i].sample);
    int64_t before = rf_source_rejected(source);
    for (int i = 0; i < reasons; i++)
        before -= tally[i].records;
    if (before > 0)
        rf_log(RF_LOG_WARN, "rejected before this build was interrupted: %s more",
               rf_count_format(n, before));
}

rf_status rf_build_without_events(const rf_job *job, const rf_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    rf_reject_tally tally[RF_MOST_TALLIES];
    int64_t read = rf_source_read(source), rejected = rf_source_rejected(source);
    const char *letters = job->settings->source.dead_letters;
    if (rejected > 0)
        RF_FAIL(err, RF_E_REJECTED, "%s of %s %s rejected, and no event is left to make a graph of%s%s%s%s",
                RF_COUNT(rejected), RF_THINGS(read, "record"), rejected == 1 ? "was" : "were",
                rf_source_tally(source, tally) > 0 ? "; most often: " : "",
                rf_source_tally(source, tally) > 0 ? tally[0].code : "",
                letters == NULL ? "; set ingest.dead_letters to a path to see them" : "; they are in ",
                letters == NULL ? "" : letters);
    bool files = job->settings->source.type != RF_SOURCE_KAFKA;
    if (files && read > 0)
        RF_FAIL(err, RF_E_INVALID,
                "of %s none has an event that source.where wants, so there is nothing to make a graph of",
                RF_THINGS(read, "record"));
    if (files)
        RF_FAIL(err, RF_E_INVALID,
                "the inputs hold no records, so there is nothing to make a graph of; check "
                "source.paths");
    rf_log(RF_LOG_WARN, "%s, so there is no graph; the next build goes on from here",
           read > 0 ? "no message has an event that source.where wants" : "no message was read yet");
done:
    return st;
}

static void say_labels(const rf_published *published)
{
    if (published->labels == 0 || (published->labels_one > 0 && published->labels_one < published->labels))
        return;
    rf_log(RF_LOG_WARN,
           "fields.label: all labels in the window are %d (%s), so nothing can be evaluated with them; is it "
           "the right field?",
           published->labels_one > 0, RF_THINGS(published->labels, "event"));
}

static void say_kind(const char *path, const rf_published *published, int kind)
{
    const bool hubs = published->hubs[kind] > 0;
    rf_log(RF_LOG_INFO, "%s: %s: %s, %s%s%s", path, rf_kind_name(&published->kinds, kind),
           RF_THINGS(published->n[rf_entity_side(kind)], "entity"),
           RF_THINGS(published->n[rf_edge_side(kind)], "edge"),
           hubs ? "; hubs, whose edges are left out: " : "", hubs ? RF_COUNT(published->hubs[kind]) : "");
}

void rf_build_say_graph(const char *path, const rf_published *published)
{
    char from[RF_TIME_TEXT], to[RF_TIME_TEXT];
    const bool timeless = published->window_from_us == 0 && published->window_to_us == 0;
    rf_log(RF_LOG_INFO, "%s: %s, %s, %s%s%s%s%s", path, RF_THINGS(published->users, "user"),
           RF_THINGS(published->entities, "entity"), RF_THINGS(published->edges, "edge"),
           timeless ? "" : ", from ", timeless ? "" : rf_time_format(from, published->window_from_us),
           timeless ? "" : " to ", timeless ? "" : rf_time_format(to, published->window_to_us));
    for (int k = 0; k < published->kinds.n; k++)
        say_kind(path, published, k);
    say_labels(published);
}
