/* bench_json.c - our reader of JSON events beside yyjson: how fast, and how strict.
 *
 *   bench_json [events] [repeats] [file...]
 *
 * Both decode the same simulated records to rf_event, by turns; yyjson with numbers as text, in a copy of the
 * record, a pool that is used again, and keys tried in the order of the record before. Prints one JSON line
 * for records of about 300 and of about 200 bytes: medians of nanoseconds an event, and yyjson's speed as a
 * multiple of ours. Then, for the lines of the files: how many each of them reads. scripts/bench-json.sh
 * fetches yyjson and runs it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <yyjson.h>

#include "event_json_int.h"
#include "rf_json_scan.h"
#include "rf_simulate.h"
#include "rf_text.h"

#define MOST_REPEATS 101
#define TURNS 64
#define MOST_LACKING 2 /* as in event_json.c */
#define KEY_WORDS 3    /* of eight bytes, compared without a loop over bytes */
#define POOL_BYTES 65536

static const rf_attr attrs[] = {
    {.name = "amount", .field = "amount", .type = RF_ATTR_NUMBER},
    {.name = "promo", .field = "promo", .type = RF_ATTR_NUMBER},
    {.name = "refund", .field = "refund", .type = RF_ATTR_BOOLEAN},
    {.name = "declined", .field = "declined", .type = RF_ATTR_BOOLEAN},
    {.name = "rating", .field = "rating", .type = RF_ATTR_CATEGORY, .top = 5},
    {.name = "account_days", .field = "account_days", .type = RF_ATTR_NUMBER},
    {.name = "channel", .field = "channel", .type = RF_ATTR_CATEGORY, .top = 4},
    {.name = "country", .field = "country", .type = RF_ATTR_CATEGORY, .top = 6},
};
static const rf_schema schema = {.attrs = attrs, .n_attrs = sizeof attrs / sizeof attrs[0]};

typedef struct bench {
    rf_field_plan *plan;
    rf_json_decoder *decoder;
    struct {
        uint64_t words[KEY_WORDS], masks[KEY_WORDS];
        size_t len;
        int name; /* -1: not mapped */
    } turns[TURNS];
    char *text, *pool; /* [POOL_BYTES] the record, and yyjson's values */
    rf_text records;   /* lines */
    bool brief;        /* without the keys that few configurations read */
    int64_t events;
} bench;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_json: %s: %s\n", what, why);
    exit(1);
}

/* ---- records ---- */

static void cut(rf_text *record, size_t from, const char *key, char last)
{
    char *start = strstr(record->ptr + from, key);
    if (start == NULL)
        fail("shortening a record", key);
    char *end = strchr(start, last) + 1;
    memmove(start, end, strlen(end) + 1);
    record->len -= (size_t)(end - start);
}

static rf_status keep_event(void *context, const rf_simulated_event *event, rf_err *err)
{
    bench *b = context;
    size_t from = b->records.len;
    rf_status st = rf_simulate_print_json(&b->records, event, err);
    if (st != RF_OK || !b->brief)
        return st;
    cut(&b->records, from, "\"kind\":", ',');
    cut(&b->records, from, "\"device\":", ',');
    cut(&b->records, from, ",\"label\":", '}');
    b->records.len -= 1; /* the newline */
    return rf_text_add(&b->records, "}\n", 2, err);
}

static void make_records(bench *b)
{
    rf_err err = {0};
    rf_simulate_options options;
    rf_simulate_options_default(&options);
    options.events = b->events;
    rf_text_reset(&b->records);
    if (rf_simulate(&options, keep_event, b, &err) != RF_OK)
        fail("making events", err.msg);
}

/* ---- the two ways ---- */

static rf_status decode_ours(rf_event *event, bench *b, rf_span record)
{
    rf_raw raws[RF_MAX_FIELDS];
    rf_reject reject;
    rf_err err;
    rf_status st = rf_json_decode(raws, b->decoder, record, &reject, &err);
    return st == RF_OK ? rf_field_plan_fill(event, b->plan, raws, &reject) : st;
}

/* The record's buffer is longer than the record. */
static bool is_turn(const bench *b, size_t turn, const char *text, size_t len)
{
    uint64_t next, other = 0;
    if (b->turns[turn].len != len)
        return false;
    for (size_t i = 0; i < KEY_WORDS; i++) {
        memcpy(&next, text + 8 * i, sizeof next);
        other |= (next ^ b->turns[turn].words[i]) & b->turns[turn].masks[i];
    }
    return other == 0;
}

static int name_of(bench *b, size_t *turn, yyjson_val *key)
{
    const char *text = yyjson_get_str(key);
    size_t len = yyjson_get_len(key), at = *turn;
    for (size_t last = at + MOST_LACKING; at <= last && at < TURNS; at++)
        if (is_turn(b, at, text, len)) {
            *turn = at + 1;
            return b->turns[at].name;
        }
    int name = b->plan->n_names - 1;
    while (name >= 0 && (strlen(b->plan->names[name]) != len || memcmp(b->plan->names[name], text, len) != 0))
        name--;
    at = (*turn)++;
    if (at < TURNS && len <= sizeof b->turns[at].words) {
        memset(b->turns[at].masks, 0, sizeof b->turns[at].masks);
        memset(b->turns[at].masks, 0xFF, len);
        memcpy(b->turns[at].words, text, len);
        b->turns[at].len = len;
        b->turns[at].name = name;
    }
    return name;
}

/* In place: a struct that is returned costs more than all else here. */
static void put_raw(rf_raw *raw, yyjson_val *value)
{
    raw->text.ptr = value->uni.str;
    raw->text.len = yyjson_get_len(value);
    switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_STR:
        raw->kind = RF_RAW_TEXT;
        break;
    case YYJSON_TYPE_RAW:
        raw->kind = RF_RAW_NUMBER;
        break;
    case YYJSON_TYPE_BOOL:
        raw->kind = yyjson_get_bool(value) ? RF_RAW_TRUE : RF_RAW_FALSE;
        break;
    case YYJSON_TYPE_NULL:
        raw->kind = RF_RAW_ABSENT;
        break;
    default:
        raw->kind = RF_RAW_NESTED;
    }
}

/* Keys that occur twice are not looked for. */
static rf_status decode_theirs(rf_event *event, bench *b, rf_span record)
{
    rf_raw raws[RF_MAX_FIELDS];
    rf_reject reject;
    yyjson_alc alc;
    yyjson_obj_iter keys;
    size_t turn = 0;
    yyjson_alc_pool_init(&alc, b->pool, POOL_BYTES);
    if (record.len + YYJSON_PADDING_SIZE + 8 * KEY_WORDS > POOL_BYTES)
        return RF_SKIPPED;
    memcpy(b->text, record.ptr, record.len); /* yyjson writes to it */
    memset(b->text + record.len, 0, YYJSON_PADDING_SIZE);
    yyjson_doc *doc =
        yyjson_read_opts(b->text, record.len, YYJSON_READ_INSITU | YYJSON_READ_NUMBER_AS_RAW, &alc, NULL);
    if (!yyjson_obj_iter_init(yyjson_doc_get_root(doc), &keys))
        return RF_SKIPPED;
    for (int i = 0; i < b->plan->n_names; i++)
        raws[i].kind = RF_RAW_ABSENT;
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&keys)) != NULL;) {
        int name = name_of(b, &turn, key);
        if (name >= 0)
            put_raw(&raws[name], yyjson_obj_iter_get_val(key));
    }
    return rf_field_plan_fill(event, b->plan, raws, &reject);
}

static bool same_text(rf_span a, rf_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static bool is_same(const rf_event *a, const rf_event *b)
{
    bool same = same_text(a->user, b->user) && same_text(a->entity, b->entity) &&
                same_text(a->event_id, b->event_id) && a->time_us == b->time_us;
    for (int i = 0; same && i < schema.n_attrs; i++)
        same = attrs[i].type == RF_ATTR_CATEGORY ? same_text(a->values[i].text, b->values[i].text)
                                                 : a->values[i].number == b->values[i].number;
    return same;
}

/* ---- speed ---- */

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double decode_all(bench *b, rf_status (*decode)(rf_event *, bench *, rf_span))
{
    rf_event event;
    double start = cpu_seconds();
    const char *at = b->records.ptr, *end = at + b->records.len, *stop;
    for (; at < end; at = stop + 1) {
        stop = memchr(at, '\n', (size_t)(end - at));
        if (decode(&event, b, (rf_span){at, (size_t)(stop - at)}) != RF_OK)
            fail("decoding", at);
    }
    return (cpu_seconds() - start) / (double)b->events;
}

static void compare_speed(bench *b, int repeats)
{
    double ours[MOST_REPEATS], theirs[MOST_REPEATS], ratios[MOST_REPEATS];
    const char *at = b->records.ptr, *end = at + b->records.len, *stop;
    for (; at < end; at = stop + 1) {
        rf_event first, second;
        stop = memchr(at, '\n', (size_t)(end - at));
        rf_span record = {at, (size_t)(stop - at)};
        if (decode_ours(&first, b, record) != RF_OK || decode_theirs(&second, b, record) != RF_OK ||
            !is_same(&first, &second))
            fail("the two disagree", at);
    }
    for (int i = 0; i < repeats; i++) {
        ours[i] = decode_all(b, decode_ours);
        theirs[i] = decode_all(b, decode_theirs);
        ratios[i] = ours[i] / theirs[i];
    }
    qsort(ours, (size_t)repeats, sizeof *ours, by_value);
    qsort(theirs, (size_t)repeats, sizeof *theirs, by_value);
    qsort(ratios, (size_t)repeats, sizeof *ratios, by_value);
    printf("{\"bench\":\"json\",\"events\":%lld,\"bytes_per_event\":%.0f,\"our_ns\":%.1f,\"yyjson_ns\":%.1f,"
           "\"yyjson_speed\":%.2f,\"lowest\":%.2f,\"highest\":%.2f}\n",
           (long long)b->events, (double)b->records.len / (double)b->events - 1, 1e9 * ours[repeats / 2],
           1e9 * theirs[repeats / 2], ratios[repeats / 2], ratios[0], ratios[repeats - 1]);
    fflush(stdout);
}

/* ---- strictness ---- */

static void compare_strictness(char **files, int n)
{
    long both = 0, neither = 0, only_ours = 0, only_theirs = 0;
    char *text = malloc(1 << 20);
    for (int i = 0; i < n; i++) {
        FILE *file = fopen(files[i], "rb");
        if (file == NULL || text == NULL)
            fail("cannot read", files[i]);
        size_t len = fread(text, 1, 1 << 20, file);
        fclose(file);
        for (char *at = text, *end = text + len, *stop; at < end; at = stop + 1) {
            stop = memchr(at, '\n', (size_t)(end - at));
            stop = stop == NULL ? end : stop;
            rf_span line = {at, (size_t)(stop - at)};
            yyjson_doc *doc = yyjson_read(line.ptr, line.len, YYJSON_READ_NUMBER_AS_RAW);
            bool our = rf_json_valid(line) && rf_json_lone_surrogate(line) == NULL;
            *(doc != NULL ? our ? &both : &only_theirs : our ? &only_ours : &neither) += 1;
            yyjson_doc_free(doc);
        }
    }
    free(text);
    printf("{\"bench\":\"json_strictness\",\"both\":%ld,\"neither\":%ld,\"only_ours\":%ld,\"only_yyjson\":%"
           "ld}\n",
           both, neither, only_ours, only_theirs);
}

int main(int argc, char **argv)
{
    rf_err err = {0};
    bench b = {
        .events = argc > 1 ? atoll(argv[1]) : 200000, .text = malloc(POOL_BYTES), .pool = malloc(POOL_BYTES)};
    int repeats = argc > 2 ? atoi(argv[2]) : 9;
    rf_fields fields = {
        .user = "user", .entity = "entity", .time = "time", .event_id = "event_id", .schema = &schema};
    if (b.events < 1 || repeats < 1 || repeats > MOST_REPEATS || b.text == NULL || b.pool == NULL)
        return 2;
    if (rf_field_plan_new(&b.plan, &fields, &err) != RF_OK ||
        rf_json_decoder_new(&b.decoder, b.plan, &err) != RF_OK)
        fail("preparing", err.msg);
    for (int brief = 0; brief < 2; brief++) {
        b.brief = brief;
        make_records(&b);
        compare_speed(&b, repeats);
    }
    if (argc > 3)
        compare_strictness(argv + 3, argc - 3);
    rf_json_decoder_free(b.decoder);
    rf_field_plan_free(b.plan);
    rf_text_clear(&b.records);
    free(b.text);
    free(b.pool);
    return 0;
}
