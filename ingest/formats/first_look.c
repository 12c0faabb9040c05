/* first_look.c - judges the configuration by the first records.
 *
 * A wrong unit, a mistyped key or too few decimal places give a graph all the same, only a wrong one. So the
 * first records are looked at: do most times lie where events can lie, is something left of the numbers, and
 * does any record have each key that is mapped? The decoder asks; another thread may ask at the end, while
 * records are still decoded: what is judged then lies here, under the lock, or is atomic.
 */
#include "first_look_int.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "rf_log.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "time_pattern_int.h"

#define EARLIEST_US (INT64_C(631152000) * RF_SECOND_US) /* 1990-01-01 */
#define SAMPLE_BYTES 65536
#define SHOWN_TIME 40

static const struct unit {
    rf_time_notation notation;
    const char *name;
    int digits; /* behind the point of seconds */
} units[] = {{RF_TIME_S, "s", 0}, {RF_TIME_MS, "ms", 3}, {RF_TIME_US, "us", 6}, {RF_TIME_NS, "ns", 9}};
enum { UNITS = sizeof units / sizeof units[0] };

/* Numbers of an attribute in the first events. */
typedef struct numbers {
    int64_t n, emptied;
    rf_places_seen seen; /* as it is after the last record, be that an event or not */
} numbers;

struct rf_first_look {
    const rf_field_plan *plan;
    int64_t future_us; /* RF_ANY_FUTURE: any */
    rf_absent_keys absent;
    bool of_old, judged;
    pthread_mutex_t lock;
    int64_t records, json_records;
    int64_t times, off, fits[UNITS]; /* of those that are off */
    char off_time[SHOWN_TIME];       /* the first that is off */
    int64_t off_us;                  /* where it lies; INT64_MIN: nowhere */
    numbers *numbers;                /* [attributes] */
    char *sample;                    /* the first JSON record */
    size_t sample_len;
};

rf_status rf_first_look_new(rf_first_look **out, const rf_field_plan *plan, int64_t future_us,
                            rf_absent_keys absent, bool of_old, rf_err *err)
{
    rf_status st = RF_OK;
    rf_first_look *look = NULL;
    RF_ZERO(look, 1, err);
    pthread_mutex_init(&look->lock, NULL);
    RF_ZERO(look->numbers, (size_t)plan->n_attrs, err);
    look->plan = plan;
    look->future_us = future_us;
    look->absent = absent;
    look->of_old = of_old;
    *out = look;
    look = NULL;
done:
    rf_first_look_free(look);
    return st;
}

void rf_first_look_free(rf_first_look *look)
{
    if (look == NULL)
        return;
    pthread_mutex_destroy(&look->lock);
    rf_mem_free(look->numbers);
    rf_mem_free(look->sample);
    rf_mem_free(look);
}

/* ---- times ---- */

static bool plausible(const rf_first_look *look, int64_t time_us)
{
    return time_us >= EARLIEST_US &&
           (look->future_us == RF_ANY_FUTURE || time_us <= rf_clock_us() + look->future_us);
}

/* A time that was read is off before 1990; of the others it is the reject that says so. */
static bool is_off(const rf_event *event, const rf_reject *reject)
{
    if (event != NULL)
        return event->time_us < EARLIEST_US;
    return reject->code == RF_REJECT_BAD_TIME || reject->code == RF_REJECT_TIME_RANGE ||
           reject->code == RF_REJECT_TIME_IN_FUTURE;
}

static void look_at_time(rf_first_look *look, const rf_raw *raw, const rf_event *event,
                         const rf_reject *reject)
{
    int64_t time_us;
    bool off = is_off(event, reject);
    look->times += event != NULL || off;
    bool has_text = raw->kind == RF_RAW_TEXT || raw->kind == RF_RAW_FIELD || raw->kind == RF_RAW_NUMBER;
    if (!off || !has_text)
        return;
    if (look->off++ == 0) {
        snprintf(look->off_time, SHOWN_TIME, "%.*s",
                 (int)(raw->text.len < SHOWN_TIME ? raw->text.len : SHOWN_TIME - 1), raw->text.ptr);
        look->off_us = event != NULL ? event->time_us : INT64_MIN;
    }
    for (int i = 0; i < UNITS; i++)
        look->fits[i] += rf_units_parse(&time_us, raw->text, 1, units[i].digits) == RF_NUMBER_OK &&
                         !__builtin_add_overflow(time_us, look->plan->time_ways.since_us, &time_us) &&
                         plausible(look, time_us);
}

static bool is_read(const rf_time_ways *ways, rf_time_notation notation)
{
    bool found = false;
    for (int i = 0; i < ways->n; i++)
        found = found || ways->items[i].notation == notation;
    return found;
}

static rf_status judge_times(rf_first_look *look, bool at_end, rf_err *err)
{
    rf_status st = RF_OK;
    char shown[RF_SHOWN_BYTES], at[RF_TIME_TEXT + 16] = "is no such time", time[RF_TIME_TEXT];
    if (look->off * 2 <= look->times)
        return RF_OK;
    if (look->off_us != INT64_MIN)
        snprintf(at, sizeof at, "is then %s", rf_time_format(time, look->off_us));
    rf_shown(shown, (rf_span){look->off_time, strlen(look->off_time)});
    for (int i = 0; i < UNITS; i++) {
        if (look->fits[i] * 2 > look->times && !is_read(&look->plan->time_ways, units[i].notation))
            RF_FAIL(err, RF_E_INVALID,
                    "fields.time.format does not fit: %lld of the first %lld times lie before 1990, in the "
                    "future, or "
                    "are none (%s %s); as %s they are plausible: set fields.time: {field: %s, format: %s}",
                    (long long)look->off, (long long)look->times, shown, at, units[i].name,
                    look->plan->names[look->plan->time], units[i].name);
    }
    if (at_end && look->off_us != INT64_MIN)
        rf_log(RF_LOG_WARN, "%lld of the first %lld times lie before 1990 (%s %s): check fields.time.format",
               (long long)look->off, (long long)look->times, shown, at);
done:
    return st;
}

/* ---- numbers ---- */

/* Of a record that is rejected, for its time or another value, no number counts. */
static void look_at_numbers(rf_first_look *look, const rf_event *event)
{
    for (int a = 0; a < look->plan->n_attrs; a++) {
        const rf_attr *attr = &look->plan->attrs[a];
        rf_places_seen *seen = &look->plan->places[a];
        numbers *of = &look->numbers[a];
        if (attr->type != RF_ATTR_NUMBER || attr->age)
            continue;
        if (event != NULL && event->values[a].number != RF_MISSING) {
            of->n++;
            of->emptied += seen->emptied - of->seen.emptied;
            rf_places_kept(seen, attr, event->values[a].number);
        }
        of->seen = *seen;
    }
}

/* Most of an attribute's numbers vanish by its decimal places. */
static rf_status judge_numbers(const rf_first_look *look, rf_err *err)
{
    rf_status st = RF_OK;
    char setting[RF_PLACES_SETTING];
    for (int a = 0; a < look->plan->n_attrs && !look->of_old; a++) {
        const rf_attr *attr = &look->plan->attrs[a];
        const numbers *of = &look->numbers[a];
        if (of->emptied * 2 <= of->n || !rf_places_setting(setting, &of->seen, attr))
            continue;
        RF_FAIL(err, RF_E_INVALID,
                "%.64s: %lld of the first %lld numbers vanish by the %d decimal places that are kept, as "
                "\"%s\" does: "
                "set %s, or decimals: %d if that is meant",
                attr->name, (long long)of->emptied, (long long)of->n, rf_attr_places(attr),
                of->seen.emptied_as, setting, rf_attr_places(attr));
    }
done:
    return st;
}

/* ---- keys ---- */

static rf_status judge_keys(rf_first_look *look, const rf_json_decoder *json, rf_err *err)
{
    rf_status st = RF_OK;
    char key[RF_SHOWN_BYTES], near[RF_SHOWN_BYTES];
    rf_text hint = {0};
    bool tolerated =
        look->absent == RF_ABSENT_KEYS_WARN || (look->of_old && look->json_records < RF_FIRST_RECORDS);
    if (look->json_records == 0)
        return RF_OK;
    for (int name = rf_json_decoder_absent(json, 0); name >= 0;
         name = rf_json_decoder_absent(json, name + 1)) {
        const char *wanted = look->plan->names[name];
        if (rf_field_plan_is_alternative(look->plan, name))
            continue;
        rf_text_reset(&hint);
        RF_TRY(rf_json_nearest_key(&hint, wanted, (rf_span){look->sample, look->sample_len}, err));
        rf_shown(key, (rf_span){wanted, strlen(wanted)});
        if (hint.len > 0)
            rf_shown(near, (rf_span){hint.ptr, hint.len});
        if (tolerated) {
            rf_log(RF_LOG_WARN, "none of the %lld JSON records has the key \"%s\", which fields name%s%s%s",
                   (long long)look->json_records, key, hint.len > 0 ? "; the nearest is \"" : "",
                   hint.len > 0 ? near : "", hint.len > 0 ? "\"" : "");
            continue;
        }
        RF_FAIL(err, RF_E_INVALID,
                "none of the first %lld JSON records has the key \"%s\", which fields name%s%s%s; if it is "
                "right, and only rare, "
                "set ingest.absent_keys: warn",
                (long long)look->json_records, key, hint.len > 0 ? "; the nearest is \"" : "",
                hint.len > 0 ? near : "", hint.len > 0 ? "\"" : "");
    }
done:
    rf_text_clear(&hint);
    return st;
}

/* ---- the whole ---- */

static rf_status keep_sample(rf_first_look *look, rf_span record, rf_err *err)
{
    rf_status st = RF_OK;
    size_t len = record.len < SAMPLE_BYTES ? record.len : SAMPLE_BYTES;
    RF_NEW(look->sample, len + 1, err);
    memcpy(look->sample, record.ptr, len);
    look->sample_len = len;
done:
    return st;
}

rf_status rf_first_look_at(rf_first_look *look, const rf_raw *raws, const rf_event *event,
                           const rf_reject *reject, const rf_json_decoder *json, rf_span record, bool *more,
                           rf_err *err)
{
    rf_status st = RF_OK;
    pthread_mutex_lock(&look->lock);
    look->records++;
    if (look->plan->time >= 0 && look->records <= RF_FIRST_TIMES)
        look_at_time(look, &raws[look->plan->time], event, reject);
    if (json != NULL && (event != NULL || reject->code != RF_REJECT_BAD_JSON) && look->json_records++ == 0)
        RF_TRY(keep_sample(look, record, err));
    if (look->records <= RF_FIRST_TIMES)
        look_at_numbers(look, event);
    if (look->records == RF_FIRST_TIMES) {
        RF_TRY(judge_times(look, false, err));
        RF_TRY(judge_numbers(look, err));
    }
    if (look->json_records == RF_FIRST_RECORDS && !look->judged) {
        look->judged = true;
        RF_TRY(judge_keys(look, json, err));
    }
    *more = look->records < RF_FIRST_RECORDS;
done:
    pthread_mutex_unlock(&look->lock);
    return st;
}

rf_status rf_first_look_end(rf_first_look *look, const rf_json_decoder *json, rf_err *err)
{
    rf_status st = RF_OK;
    pthread_mutex_lock(&look->lock);
    if (look->judged)
        goto done;
    look->judged = true;
    RF_TRY(judge_times(look, true, err));
    if (look->records < RF_FIRST_TIMES)
        RF_TRY(judge_numbers(look, err));
    RF_TRY(judge_keys(look, json, err));
done:
    pthread_mutex_unlock(&look->lock);
    return st;
}
