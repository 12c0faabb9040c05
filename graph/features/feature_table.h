/* feature_table.h - the list of all features: name, group, subjects, taming, value without data, words,
 * formula.
 *
 * The one source of column names, of their taming, of their words in sentences and of the tables in
 * docs/FEATURES.md (a test compares them). Placeholders in names and words: <a> attribute, <v> category
 * value, <k> kind of entity, <w> time span (<x>: the second half of "00_04"), <side> user or entity.
 */
#ifndef RF_FEATURE_TABLE_H
#define RF_FEATURE_TABLE_H

#include <stdint.h>

#include "rf_feature_words.h"
#include "rf_text.h"

enum {
    RF_GROUP_BASE = 1, /* always computed, so that no matrix is empty by choice */
    RF_GROUP_TIME = 2,
    RF_GROUP_ATTRIBUTES = 4,
    RF_GROUP_STRUCTURE = 8,
    RF_GROUP_HISTORY = 16,
    RF_GROUP_ALL = 31
};

enum { RF_OF_PAIR = 1, RF_OF_NODE = 2, RF_OF_EVENT = 4, RF_OF_USER = 8 }; /* whose feature it is */

typedef enum rf_tame_rule {
    RF_TAME_RULE_NEVER,
    RF_TAME_RULE_ALWAYS,
    RF_TAME_RULE_ASKED /* where the attribute's configuration says log1p */
} rf_tame_rule;

/* The value in a row that has no data for a feature. */
typedef enum rf_neutral {
    RF_NEUTRAL_NONE, /* there is always data */
    RF_NEUTRAL_ZERO,
    RF_NEUTRAL_ONE,
    RF_NEUTRAL_MEAN /* the mean of the rows that have data: 0 once standardised */
} rf_neutral;

/* name, pattern, subjects, group, taming, without data, unit and words (rf_feature_words.h; NULL: the name
 * says it), formula (n: events of the subject in the window) */
#define RF_FEATURES(X)                                                                                       \
    /* activity */                                                                                           \
    X(EVENTS, "events", PAIR | NODE_, BASE, ALWAYS, NONE, COUNT, "number of events",                         \
      "n, the number of events in the window")                                                               \
    X(PARTNERS, "partners", NODE_, BASE, ALWAYS, NONE, COUNT, "number of partners",                          \
      "d, the number of distinct partners")                                                                  \
    X(SHARE_OF_USER, "share_of_user", PAIR, BASE, NEVER, NONE, SHARE, "share of the user's events",          \
      "n / events of the user")                                                                              \
    X(SHARE_OF_ENTITY, "share_of_entity", PAIR, BASE, NEVER, NONE, SHARE, "share of the entity's events",    \
      "n / events of the entity")                                                                            \
    /* time */                                                                                               \
    X(RECENCY, "recency_s", PAIR | NODE_, TIME, NEVER, NONE, SECONDS, "time since the last event",           \
      "seconds from the last event to as_of")                                                                \
    X(FIRST_SEEN, "first_seen_s", NODE_, TIME, NEVER, NONE, SECONDS, "time since the first event",           \
      "seconds from the first event in the window to as_of")                                                 \
    X(SPAN, "span_s", PAIR | NODE_, TIME, NEVER, NONE, SECONDS, "time from first to last event",             \
      "seconds from the first to the last event")                                                            \
    X(MEAN_GAP, "mean_gap_s", PAIR | NODE_, TIME, ALWAYS, MEAN, SECONDS, "usual time between events",        \
      "span_s / (n - 1); needs two events")                                                                  \
    X(BURSTINESS, "burstiness", NODE_, TIME, NEVER, ZERO, PLAIN, "burstiness in time",                       \
      "(s - m) / (s + m), m mean and s deviation of the gaps between successive active slots: -1 like "      \
      "clockwork, 0 at random, towards 1 in bursts; needs three active slots")                               \
    X(EVENTS_LAST, "events_<w>", NODE_, TIME, ALWAYS, NONE, COUNT, "number of events in the last <w>",       \
      "events in [as_of - w, as_of), w 1d, 7d, 30d")                                                         \
    X(RATE, "rate_<w>", NODE_, TIME, ALWAYS, MEAN, PLAIN, "rate of events in the last <w> against before",   \
      "events a day in the last 1 (7) days / events a day in the last 7 (30), spans cut to the window; "     \
      "needs an event in the longer span")                                                                   \
    X(MAX_HOUR, "max_hour_events", NODE_, TIME, ALWAYS, NONE, COUNT, "most events within an hour",           \
      "most events within one clock hour")                                                                   \
    X(MAX_DAY, "max_day_events", PAIR | NODE_, TIME, ALWAYS, NONE, COUNT, "most events within a day",        \
      "most events within one local day")                                                                    \
    X(ACTIVE_DAYS, "active_days", PAIR | NODE_, TIME, ALWAYS, NONE, COUNT, "number of active days",          \
      "local days with an event")                                                                            \
    X(ACTIVE_SLOTS, "active_slots", PAIR | NODE_, TIME, ALWAYS, NONE, COUNT, "number of active hours",       \
      "time slots (an hour, or what bucket and zone need) with an event")                                    \
    X(PEAK_HOUR_SHARE, "peak_hour_share", PAIR | NODE_, TIME, NEVER, NONE, SHARE,                            \
      "share of events in the busiest hour of the day", "share of the busiest hour of the day (of 24)")      \
    X(PEAK_WEEKDAY_SHARE, "peak_weekday_share", PAIR | NODE_, TIME, NEVER, NONE, SHARE,                      \
      "share of events on the busiest weekday", "share of the busiest day of the week (of 7)")               \
    X(NIGHT_SHARE, "night_share", PAIR | NODE_, TIME, NEVER, NONE, SHARE, "share of events at night",        \
      "share of events at local hour 0 to 5")                                                                \
    X(WEEKEND_SHARE, "weekend_share", PAIR | NODE_, TIME, NEVER, NONE, SHARE, "share of events at weekends", \
      "share of events on Saturday or Sunday, local")                                                        \
    X(HOURS_SHARE, "hours_<w>_share", PAIR | NODE_, TIME, NEVER, NONE, SHARE,                                \
      "share of events between <w> and <x> o'clock",                                                         \
      "share of events in that sixth of the local day, w 00_04, 04_08 ... 20_24")                            \
    /* attributes */                                                                                         \
    X(MEAN, "<a>_mean", PAIR | NODE_, ATTRIBUTES, ASKED, MEAN, PLAIN, "average <a>",                         \
      "mean of a number over the events that have it")                                                       \
    X(STD, "<a>_std", PAIR | NODE_, ATTRIBUTES, ASKED, ZERO, PLAIN, "spread of <a>",                         \
      "population standard deviation; 0 for a single event")                                                 \
    X(MIN, "<a>_min", PAIR | NODE_, ATTRIBUTES, ASKED, MEAN, PLAIN, "smallest <a>", "smallest value")        \
    X(MAX, "<a>_max", PAIR | NODE_, ATTRIBUTES, ASKED, MEAN, PLAIN, "largest <a>", "largest value")          \
    X(SUM, "<a>_sum", PAIR | NODE_, ATTRIBUTES, ASKED, ZERO, PLAIN, "total <a>", "sum of the values")        \
    X(LATEST, "<a>_latest", PAIR, ATTRIBUTES, ASKED, MEAN, PLAIN, "latest <a>",                              \
      "value of the newest event that has it; the greatest of several at once")                              \
    X(RATIO_USER, "<a>_ratio_user", PAIR, ATTRIBUTES, ASKED, ONE, PLAIN, "<a> against the user's average",   \
      "<a>_mean / the user's own <a>_mean, within -1000 and 1000; 1 where that mean is 0")                   \
    X(RATIO_ENTITY, "<a>_ratio_entity", PAIR, ATTRIBUTES, ASKED, ONE, PLAIN,                                 \
      "<a> against the entity's average",                                                                    \
      "<a>_mean / the entity's own <a>_mean, within -1000 and 1000; 1 where that mean is 0")                 \
    X(MAX_RATIO, "<a>_max_ratio", NODE_, ATTRIBUTES, ASKED, ONE, PLAIN, "largest <a> against its average",   \
      "<a>_max / <a>_mean, within -1000 and 1000; 1 where that mean is 0")                                   \
    X(MAX_RATIO_USER, "<a>_max_ratio_user", PAIR, ATTRIBUTES, ASKED, ONE, PLAIN,                             \
      "largest <a> against the user's average",                                                              \
      "<a>_max / the user's own <a>_mean, within -1000 and 1000; 1 where that mean is 0")                    \
    X(SHARE, "<a>_share", PAIR | NODE_, ATTRIBUTES, NEVER, MEAN, SHARE, "share of events with <a>",          \
      "share of true among the events that have the boolean")                                                \
    X(CATEGORY_SHARE, "<a>=<v>", PAIR | NODE_, ATTRIBUTES, NEVER, ZERO, SHARE,                               \
      "share of events with <a> <v>",                                                                        \
      "share of value v among the events that have the category; v one of the `top` values with most "       \
      "events in the window (ties: first by bytes), or `other` for all the rest")                            \
    X(DISTINCT, "<a>_distinct", NODE_, ATTRIBUTES, ALWAYS, ZERO, COUNT, "number of different values of <a>", \
      "distinct values of the category")                                                                     \
    X(ENTROPY, "<a>_entropy", NODE_, ATTRIBUTES, NEVER, ZERO, PLAIN, "variety of <a>",                       \
      "-sum p ln p over the category's values, p their shares")                                              \
    X(SHARED, "<a>_shared", PAIR | NODE_, ATTRIBUTES, NEVER, MEAN, LOG, "number of users with the same <a>", \
      "mean over events of ln(users who have the event's value of the category in the window)")              \
    X(SIN, "<a>_sin", PAIR | NODE_, ATTRIBUTES, NEVER, ZERO, PLAIN, NULL,                                    \
      "mean sine of the cyclic attribute's angle")                                                           \
    X(COS, "<a>_cos", PAIR | NODE_, ATTRIBUTES, NEVER, ZERO, PLAIN, NULL,                                    \
      "mean cosine of the cyclic attribute's angle")                                                         \
    X(CONCENTRATION, "<a>_concentration", PAIR | NODE_, ATTRIBUTES, NEVER, ZERO, PLAIN, "regularity of <a>", \
      "sqrt(<a>_sin^2 + <a>_cos^2): 1 always at the same time, 0 spread evenly")                             \
    X(MISSING_SHARE, "<a>_missing_share", PAIR | NODE_, ATTRIBUTES, NEVER, NONE, SHARE,                      \
      "share of events without <a>", "share of events without the (optional) attribute")                     \
    /* structure; pairs are counted once, however many events they have */                                   \
    X(PARTNER_ENTROPY, "partner_entropy", NODE_, STRUCTURE, NEVER, ZERO, PLAIN, "variety of partners",       \
      "H = -sum p ln p, p the partners' shares of the node's events")                                        \
    X(PARTNER_EVENNESS, "partner_evenness", NODE_, STRUCTURE, NEVER, ONE, PLAIN, "evenness over partners",   \
      "H / ln d; 1 for a single partner")                                                                    \
    X(PARTNER_HHI, "partner_hhi", NODE_, STRUCTURE, NEVER, ZERO, PLAIN, "concentration on few partners",     \
      "sum p^2: 1 when all events are with one partner")                                                     \
    X(PARTNER_TOP_SHARE, "partner_top_share", NODE_, STRUCTURE, NEVER, ZERO, SHARE,                          \
      "share of events with the main partner", "largest p")                                                  \
    X(PARTNER_NEW_SHARE, "partner_new_share", NODE_, STRUCTURE, NEVER, ZERO, SHARE,                          \
      "share of partners first met in the last 7 days",                                                      \
      "share of partners first met in the window's last 7 days")                                             \
    X(PARTNER_REPEAT_SHARE, "partner_repeat_share", NODE_, STRUCTURE, NEVER, ZERO, SHARE,                    \
      "share of partners met more than once", "share of partners with more than one event")                  \
    X(PARTNER_DEGREE_MEAN, "partner_ln_degree_mean", NODE_, STRUCTURE, NEVER, ZERO, LOG,                     \
      "usual number of partners that its partners have", "mean of ln(partners of the partner)")              \
    X(PARTNER_DEGREE_MAX, "partner_ln_degree_max", NODE_, STRUCTURE, NEVER, ZERO, LOG,                       \
      "most partners that a partner has", "largest ln(partners of the partner)")                             \
    X(CORE, "core_number", NODE_, STRUCTURE, ALWAYS, NONE, COUNT,                                            \
      "depth in the densest part of the graph (core number)",                                                \
      "largest k such that the node lies in a subgraph where all have k partners or more")                   \
    X(COMPONENT, "component_size", NODE_, STRUCTURE, ALWAYS, NONE, COUNT,                                    \
      "size of the connected part of the graph", "nodes connected with it, itself included")                 \
    X(BUTTERFLIES, "butterflies", PAIR | NODE_, STRUCTURE, ALWAYS, NONE, COUNT,                              \
      "number of closed squares with others (butterflies)",                                                  \
      "4-cycles (two users who both meet the same two entities) through the pair, or the node")              \
    X(CLUSTERING, "clustering", PAIR | NODE_, STRUCTURE, NEVER, ZERO, SHARE,                                 \
      "share of paths that close to squares",                                                                \
      "pair: butterflies / ((d_u - 1) (d_v - 1)); node: 2 butterflies / the sum of that product over its "   \
      "pairs: the closed share of paths of three edges")                                                     \
    /* one event */                                                                                          \
    X(CLOCK_SIN, "clock_sin", EVENT, BASE, NEVER, NONE, PLAIN, NULL, "sine of the local time of day")        \
    X(CLOCK_COS, "clock_cos", EVENT, BASE, NEVER, NONE, PLAIN, NULL, "cosine of the local time of day")      \
    X(WEEK_SIN, "week_sin", EVENT, TIME, NEVER, NONE, PLAIN, NULL,                                           \
      "sine of the local time of week, from Monday 0:00")                                                    \
    X(WEEK_COS, "week_cos", EVENT, TIME, NEVER, NONE, PLAIN, NULL, "cosine of the local time of week")       \
    X(NIGHT, "night", EVENT, TIME, NEVER, NONE, PLAIN, NULL, "1 at local hour 0 to 5, else 0")               \
    X(WEEKEND, "weekend", EVENT, TIME, NEVER, NONE, PLAIN, NULL, "1 on Saturday or Sunday, local, else 0")   \
    X(VALUE, "<a>", EVENT, ATTRIBUTES, ASKED, MEAN, PLAIN, NULL,                                             \
      "value of the number; 1 or 0 of the boolean")                                                          \
    X(IS_CATEGORY, "<a>=<v>", EVENT, ATTRIBUTES, NEVER, ZERO, SHARE, "share of events with <a> <v>",         \
      "1 if the category has value v, one of the `top` of the window, or for `other` any of the rest")       \
    X(VALUE_SIN, "<a>_sin", EVENT, ATTRIBUTES, NEVER, ZERO, PLAIN, NULL,                                     \
      "sine of the cyclic attribute's angle")                                                                \
    X(VALUE_COS, "<a>_cos", EVENT, ATTRIBUTES, NEVER, ZERO, PLAIN, NULL,                                     \
      "cosine of the cyclic attribute's angle")                                                              \
    X(MISSING, "<a>_missing", EVENT, ATTRIBUTES, NEVER, NONE, PLAIN, NULL,                                   \
      "1 if the (optional) attribute is missing")                                                            \
    /* what came strictly before the event, t: window and kept history; equal times do not count */          \
    X(HIST_EVENTS, "<side>_events_<w>", EVENT, HISTORY, ALWAYS, NONE, COUNT,                                 \
      "number of events of the <side> in the <w> before",                                                    \
      "the side's events in [t - w, t), w 1h, 1d, 7d, 30d")                                                  \
    X(HIST_IDLE, "<side>_idle_s", EVENT, HISTORY, ALWAYS, MEAN, SECONDS,                                     \
      "time since the <side>'s previous event", "seconds since the side's previous event")                   \
    X(HIST_NEW_PARTNERS, "<side>_new_partner_share", EVENT, HISTORY, NEVER, MEAN, SHARE,                     \
      "share of first meetings among the <side>'s events before",                                            \
      "share of first meetings among the side's events in [t - 30d, t)")                                     \
    X(HIST_MEAN, "<side>_<a>_mean_<w>", EVENT, HISTORY, ASKED, MEAN, PLAIN,                                  \
      "average <a> of the <side> in the <w> before",                                                         \
      "mean of the number (share of true) over the side's events in [t - w, t), w 1d, 7d, 30d")              \
    X(HIST_RATIO, "<side>_<a>_ratio", EVENT, HISTORY, ASKED, ONE, PLAIN,                                     \
      "<a> against the <side>'s average before",                                                             \
      "value / the side's 30-day mean before, within -1000 and 1000; 1 where that mean is 0")                \
    X(HIST_TYPICAL, "<side>_<a>_ratio_typical", EVENT, HISTORY, ASKED, ONE, PLAIN,                           \
      "<a> against what was typical of the <side> before",                                                   \
      "value / t, within -1000 and 1000; ln(1 + t) is the mean of ln(1 + value) over the side's 30 days "    \
      "before, so that single large values move it little (a negative value counts by its size, with its "   \
      "sign); 1 where t is 0")                                                                               \
    X(HIST_Z, "<side>_<a>_z", EVENT, HISTORY, ASKED, ZERO, PLAIN,                                            \
      "distance of <a> from the <side>'s average before",                                                    \
      "(value - m) / max(s, abs(m) / 100, p), within -1000 and 1000, p the last decimal place that is "      \
      "kept (1e-6, or what decimals says), m and s mean and deviation of the "                               \
      "side's 30 days before; "                                                                              \
      "needs two values before")                                                                             \
    X(PAIR_NEW, "pair_new", EVENT, HISTORY, NEVER, NONE, PLAIN, NULL,                                        \
      "1 if the two never met before, else 0")                                                               \
    X(PAIR_EVENTS, "pair_events_before", EVENT, HISTORY, ALWAYS, NONE, COUNT,                                \
      "number of events of the two before", "the pair's events before")                                      \
    X(PAIR_IDLE, "pair_idle_s", EVENT, HISTORY, ALWAYS, MEAN, SECONDS,                                       \
      "time since the previous event of the two", "seconds since the pair's previous event")                 \
    /* users, of each kind of entity but the main one */                                                     \
    X(KIND_DEGREE, "<k>_degree", USER, STRUCTURE, ALWAYS, NONE, COUNT, "number of different <k> ids",        \
      "distinct entities of the kind, hubs included")                                                        \
    X(KIND_FIRST_MET_SHARE, "<k>_first_met_share", USER, STRUCTURE, NEVER, ZERO, SHARE,                      \
      "share of <k> ids first met in the last 7 days",                                                       \
      "share of these that the user first met in the window's last 7 days")                                  \
    X(KIND_HUBS, "<k>_hubs", USER, STRUCTURE, ALWAYS, NONE, COUNT,                                           \
      "number of <k> ids that very many users share",                                                        \
      "how many of these are hubs; the next columns leave hubs out")                                         \
    X(KIND_SHARERS, "<k>_sharers", USER, STRUCTURE, ALWAYS, NONE, COUNT,                                     \
      "number of others with the same <k>",                                                                  \
      "other users of these entities; who shares several with the user counts once for each")                \
    X(KIND_SHARERS_MAX, "<k>_sharers_max", USER, STRUCTURE, ALWAYS, NONE, COUNT,                             \
      "most others with one and the same <k>", "other users of that entity which most others use")           \
    X(KIND_BUTTERFLIES, "<k>_butterflies", USER, STRUCTURE, ALWAYS, NONE, COUNT,                             \
      "number of closed squares with others by <k> (butterflies)",                                           \
      "4-cycles through the user: pairs of entities that another user has as well")

typedef enum rf_feature {
#define X(id, ...) RF_F_##id,
    RF_FEATURES(X)
#undef X
        RF_N_FEATURES
} rf_feature;

typedef struct rf_feature_info {
    const char *pattern, *words, *formula;
    uint8_t subjects, group, tame, neutral, unit;
} rf_feature_info;

const rf_feature_info *rf_feature_info_get(rf_feature feature);

/* "all" (or NULL), or a comma list of group names, to a mask; RF_E_INVALID names an unknown group. */
RF_MUST_CHECK rf_status rf_feature_groups_parse(unsigned *groups, const char *text, rf_err *err);

#endif
