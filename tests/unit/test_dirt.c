/* test_dirt.c - no record is lost or counted twice, whatever stands among the good ones: of random records,
 * good, broken and odd, each is found in one place, and the counts add up.
 *
 * A seed makes records of which it knows what becomes of each. They are read as JSON Lines, server-sent
 * events and CSV, in some orders, split over files, packed or not, at once and in two builds. The events of
 * the graph (their ids) and the dead letters (their records) must be those that the seed wants, each as
 * often.
 *
 * RF_DIRT_SEEDS=500 tries so many seeds in place of a few (scripts/soak-faults.sh dirt).
 */
#include "packed.h"
#include "rf_graph.h"
#include "rf_json_scan.h"
#include "rf_rng.h"
#include "rf_text.h"
#include "run_verbs.h"

#define RECORDS 150
#define FILES 3
#define ORDERS 3
#define SEEDS 2
#define LONGEST 400

typedef enum outcome { IN_WINDOW, WAITING, EXPIRED, AGAIN, BAD, UNWANTED, FATES } outcome;

/* An event as its record says it, or what stands in its place. */
typedef struct made {
    outcome fate;
    char id[16];
    char text[LONGEST];
    size_t len;
} made;

/* What stands in a line of a file, or in several: an event, two of them in an array, or nothing. */
typedef struct entry {
    made part[2];
    int parts; /* 0: a blank line */
    char text[2 * LONGEST + 4];
    size_t len;
} entry;

typedef struct world {
    rf_rng rng;
    bool csv;
    entry entries[RECORDS];
    int64_t count[FATES];
    rf_text content[2 * FILES]; /* of each file, before it was packed */
} world;

static void verb_begins(void)
{
}

static int draw(world *w, int n)
{
    return (int)rf_rng_below(&w->rng, (uint32_t)n);
}

/* ---- records ---- */

typedef struct fields {
    char user[24], shop[24], time[40], amount[24], note[64];
    const char *test;
} fields;

static void print_record(const world *w, made *m, const fields *f)
{
    bool number = f->amount[0] == '-' || (f->amount[0] >= '0' && f->amount[0] <= '9');
    const char *mark = number ? "" : "\"", *quote = strpbrk(f->note, ",\n\"") == NULL ? "" : "\"";
    m->len = (size_t)(w->csv ? snprintf(m->text, LONGEST, "%s,%s,%s,%s,%s,%s,%s%s%s", m->id, f->user, f->shop,
                                        f->time, f->amount, f->test, quote, f->note, quote)
                             : snprintf(m->text, LONGEST,
                                        "{\"id\":\"%s\",\"user\":\"%s\",\"shop\":\"%s\",\"time\":\"%s\","
                                        "\"amount\":%s%s%s,\"test\":%s,\"note\":\"%s\"}",
                                        m->id, f->user, f->shop, f->time, mark, f->amount, mark, f->test,
                                        f->note));
    ck_assert_uint_lt(m->len, LONGEST);
}

/* The window is March 2024. */
static void draw_time(world *w, char out[40], outcome fate)
{
    int month = fate == WAITING ? 4 + draw(w, 8) : fate == EXPIRED ? 1 + draw(w, 2) : 3;
    snprintf(out, 40, "2024-%02d-%02dT%02d:%02d:%02dZ", month, 2 + draw(w, 26), draw(w, 24), draw(w, 60),
             draw(w, 60));
}

static void draw_fields(world *w, fields *f, outcome fate)
{
    static const char *const plain[] = {"", "fine", "so so", "(null)", "\xC3\xA9t\xC3\xA9"};
    static const char *const csv_odd[] = {"a, b", "two\nlines", "say \"\"so\"\"", "caf\xE9"};
    static const char *const json_odd[] = {"a, b", "two\\nlines", "half \\ud83d", "caf\xE9"};
    snprintf(f->user, sizeof f->user, "u%d", draw(w, 12));
    snprintf(f->shop, sizeof f->shop, "s%d", draw(w, 5));
    snprintf(f->amount, sizeof f->amount, "%d.%02d", draw(w, 900), draw(w, 100));
    draw_time(w, f->time, fate);
    f->test = "false";
    snprintf(f->note, sizeof f->note, "%s",
             draw(w, 2) == 0 ? plain[draw(w, 5)] : (w->csv ? csv_odd : json_odd)[draw(w, 4)]);
}

/* Breaks a good record's fields: wrong types, words, times; nothing where something belongs. */
static void spoil_fields(world *w, made *m, fields *f)
{
    static const char *const nothing[] = {"", "NULL", "n/a"};
    static const char *const times[] = {"yesterday", "2099-03-05T12:00:00Z", "1850-01-01T00:00:00Z", "",
                                        "2024-13-40T00:00:00Z"};
    static const char *const amounts[] = {"much", "1e40", "12,5", "nan"};
    switch (draw(w, 5)) {
    case 0:
        snprintf(f->user, sizeof f->user, "%s", nothing[draw(w, 3)]);
        break;
    case 1:
        snprintf(f->time, sizeof f->time, "%s", times[draw(w, 5)]);
        break;
    case 2:
        snprintf(f->amount, sizeof f->amount, "%s", amounts[draw(w, w->csv ? 2 : 4)]);
        break;
    case 3:
        snprintf(f->shop, sizeof f->shop, "caf\xE9 %d", draw(w, 9)); /* of another encoding */
        break;
    default:
        m->id[0] = '\0';
    }
}

/* What is no record at all: its beginning is lost or its end, quotes are astray, or it is noise. */
static void spoil_text(world *w, made *m)
{
    switch (draw(w, 4)) {
    case 0: { /* cut off: in CSV within the time at the latest */
        size_t most = w->csv ? 20 : m->len;
        m->len = 1 + (size_t)draw(w, (int)most - 1);
        break;
    }
    case 1:
        memmove(m->text, m->text + 3, m->len -= 3);
        m->text[0] = 'x';
        if (w->csv) { /* would be another id */
            memcpy(m->text + m->len, ",,1", 3);
            m->len += 3;
        }
        break;
    case 2:
        m->text[0] = w->csv ? '"' : '{'; /* opens, and ends nowhere or inside the note */
        m->len += (size_t)snprintf(m->text + m->len, LONGEST - m->len, "%s",
                                   w->csv ? draw(w, 2) == 0 ? " \"x" : "" : "}");
        break;
    default:
        m->len = 1 + (size_t)draw(w, 60);
        m->text[0] = '?';
        for (size_t i = 1; i < m->len; i++) {
            do
                m->text[i] = (char)draw(w, 256);
            while (strchr("\n\r\"{[,", m->text[i]) != NULL && m->text[i] != '\0');
        }
    }
}

static void make_event(world *w, made *m, int number)
{
    fields f;
    int kind = draw(w, 20);
    snprintf(m->id, sizeof m->id, "e%d", number);
    m->fate = kind < 11 ? IN_WINDOW : kind < 13 ? WAITING : kind < 15 ? EXPIRED : kind < 16 ? UNWANTED : BAD;
    draw_fields(w, &f, m->fate);
    if (m->fate == UNWANTED)
        f.test = "true";
    bool by_fields = m->fate == BAD && draw(w, 2) == 0;
    if (by_fields)
        spoil_fields(w, m, &f);
    else if (m->fate == BAD && w->csv && strchr(f.note, '\n') != NULL)
        f.note[0] = '\0'; /* its second line would be a record of its own */
    print_record(w, m, &f);
    if (m->fate == BAD && !by_fields)
        spoil_text(w, m);
}

static void make_entry(world *w, int number)
{
    entry *e = &w->entries[number];
    int kind = draw(w, 12);
    *e = (entry){.parts = kind == 0 ? 0 : 1};
    if (kind == 1 && number > 0) { /* said again, word for word */
        *e = w->entries[draw(w, number)];
        for (int i = 0; i < e->parts; i++) {
            if (e->part[i].fate == IN_WINDOW || e->part[i].fate == WAITING)
                e->part[i].fate = AGAIN;
        }
    } else if (kind == 0) {
        e->len = (size_t)snprintf(e->text, sizeof e->text, "%.*s", draw(w, 4), " \t ");
    } else {
        make_event(w, &e->part[0], number);
        made whole = e->part[0], second = {.fate = IN_WINDOW};
        memcpy(e->text, whole.text, e->len = whole.len);
        if (kind == 2 && !w->csv && whole.fate == IN_WINDOW) {
            fields f;
            snprintf(second.id, sizeof second.id, "e%d-b", number);
            draw_fields(w, &f, IN_WINDOW);
            if (draw(w, 2) == 0) {
                second.fate = BAD;
                snprintf(f.time, sizeof f.time, "never");
            }
            print_record(w, &second, &f);
            e->part[e->parts++] = second;
            e->len = (size_t)snprintf(e->text, sizeof e->text, "[%.*s,%.*s]", (int)whole.len, whole.text,
                                      (int)second.len, second.text);
        }
    }
    for (int i = 0; i < e->parts; i++)
        w->count[e->part[i].fate]++;
}

/* ---- what is wanted, and what came, as sorted texts ---- */

typedef struct list {
    rf_text *item;
    size_t n, cap;
} list;

static void list_add(list *l, const char *bytes, size_t len)
{
    rf_err err = {0};
    if (l->n == l->cap) {
        l->cap = 2 * l->cap + 64;
        l->item = realloc(l->item, l->cap * sizeof *l->item);
        ck_assert(l->item != NULL);
    }
    l->item[l->n] = (rf_text){0};
    RF_CHECK_OK(err, rf_text_add(&l->item[l->n++], bytes, len, &err));
}

static int compare(const void *a, const void *b)
{
    const rf_text *x = a, *y = b;
    int order = memcmp(x->ptr, y->ptr, x->len < y->len ? x->len : y->len);
    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static void list_sort(list *l)
{
    if (l->n > 0)
        qsort(l->item, l->n, sizeof *l->item, compare);
}

static void list_clear(list *l)
{
    for (size_t i = 0; i < l->n; i++)
        rf_text_clear(&l->item[i]);
    free(l->item);
    *l = (list){0};
}

static void check_lists(list *want, list *got, const char *what, const char *of)
{
    list_sort(want);
    list_sort(got);
    for (size_t i = 0; i < want->n || i < got->n; i++) {
        int order = i == want->n ? 1 : i == got->n ? -1 : compare(&want->item[i], &got->item[i]);
        if (order != 0)
            ck_abort_msg("%s: a %s too %s: %s", of, what, order < 0 ? "few" : "many",
                         order < 0 ? want->item[i].ptr : got->item[i].ptr);
    }
    list_clear(want);
    list_clear(got);
}

/* ---- what came ---- */

/* The record, or its beginning, stands in the line that the letter names. */
static void check_place(const world *w, rf_span letter, const rf_text *record)
{
    rf_span place = rf_json_member(letter, "place"), file = rf_json_member(place, "file"),
            line = rf_json_member(place, "line");
    ck_assert(file.len > 5 && line.len > 0);
    const rf_text *content = &w->content[atoi(file.ptr + strlen("\"day-"))];
    const char *at = content->ptr, *end = at + content->len;
    for (int n = atoi(line.ptr); n > 1; n--) {
        at = memchr(at, '\n', (size_t)(end - at));
        ck_assert(at != NULL);
        at++;
    }
    const char *line_end = memchr(at, '\n', (size_t)(end - at)),
               *first = memchr(record->ptr, '\n', record->len);
    size_t len = line_end == NULL ? (size_t)(end - at) : (size_t)(line_end - at);
    size_t need = first == NULL ? record->len : (size_t)(first - record->ptr);
    bool found = false;
    for (size_t i = 0; !found && i + need <= len; i++)
        found = memcmp(at + i, record->ptr, need) == 0;
    ck_assert_msg(found, "%.*s is not in \"%.*s\"", (int)letter.len, letter.ptr, (int)len, at);
}

static void add_letters(const world *w, list *letters)
{
    rf_err err = {0};
    size_t len = 0;
    char *all = rf_slurp("bad.jsonl", &len);
    for (char *at = all, *end; at != NULL && at < all + len; at = end + 1) {
        end = memchr(at, '\n', (size_t)(all + len - at));
        ck_assert(end != NULL);
        const rf_span line = {at, (size_t)(end - at)};
        rf_span record = rf_json_member(line, "record"), coded = rf_json_member(line, "record_base64");
        ck_assert_msg(record.len > 1 || coded.len > 1, "%.*s", (int)line.len, line.ptr);
        rf_text text = {0};
        if (coded.len > 1) {
            RF_CHECK_OK(err, rf_base64_read(&text, coded.ptr + 1, coded.len - 2, false, &err));
        } else {
            char *plain = malloc(record.len);
            size_t n = rf_json_unescape(plain, (rf_span){record.ptr + 1, record.len - 2});
            RF_CHECK_OK(err, rf_text_add(&text, plain, n, &err));
            free(plain);
        }
        check_place(w, line, &text);
        list_add(letters, text.ptr, text.len);
        rf_text_clear(&text);
    }
    free(all);
}

static void add_events(list *ids)
{
    rf_err err = {0};
    rf_graph *graph = NULL;
    RF_CHECK_OK(err, rf_graph_load(&graph, "graph.h5", RF_GRAPH_EDGE_IDS, &err));
    for (int64_t i = 0; i < graph->side[RF_EDGE].n; i++) {
        const char *id = graph->side[RF_EDGE].id.bytes + graph->side[RF_EDGE].id.at[i];
        list_add(ids, id, strlen(id));
    }
    rf_graph_free(graph);
}

static int64_t count_of(const char *word)
{
    char *summary = rf_slurp("summary.json", NULL), key[32];
    snprintf(key, sizeof key, "\"%s\":", word);
    const char *at = strstr(summary, key);
    int64_t n = at == NULL ? 0 : strtoll(at + strlen(key), NULL, 10);
    free(summary);
    return n;
}

/* ---- the property ---- */

static void shuffle(world *w, int order[RECORDS])
{
    for (int i = 0; i < RECORDS; i++) {
        int j = draw(w, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
}

/* A line, or some. */
static void add_lines(rf_text *content, const entry *e, const char *end, bool ends)
{
    rf_err err = {0};
    RF_CHECK_OK(err, rf_text_add(content, e->text, e->len, &err));
    if (ends)
        RF_CHECK_OK(err, rf_text_add(content, end, strlen(end), &err));
}

/* A server-sent event; a good one goes over two lines of data now and then. */
static void add_event(world *w, rf_text *content, const entry *e, const char *end)
{
    rf_err err = {0};
    size_t cut = 0;
    if (e->parts == 1 && e->part[0].fate != BAD && draw(w, 2) == 0)
        cut = (size_t)(strstr(e->text, ",\"user\"") - e->text);
    if (draw(w, 3) == 0)
        RF_CHECK_OK(err, rf_text_printf(content, &err, "id: %d%s: so it goes%s", draw(w, 100), end, end));
    RF_CHECK_OK(err, rf_text_printf(content, &err, "data: "));
    RF_CHECK_OK(err, rf_text_add(content, e->text, cut, &err));
    if (cut > 0)
        RF_CHECK_OK(err, rf_text_printf(content, &err, "%sdata:", end));
    RF_CHECK_OK(err, rf_text_add(content, e->text + cut, e->len - cut, &err));
    RF_CHECK_OK(err, rf_text_printf(content, &err, "%s%s", end, end));
}

/* The entries order[from, to) as files day-FIRST and so on, packed or not; the last line may lack its end. */
static void write_files(world *w, const int order[RECORDS], int from, int to, int first)
{
    rf_err err = {0};
    for (int file = 0; file < FILES; file++) {
        rf_text *content = &w->content[first + file];
        char path[32];
        const char *end = draw(w, 2) == 0 ? "\n" : "\r\n";
        int at = from + (to - from) * file / FILES, stop = from + (to - from) * (file + 1) / FILES;
        bool events = !w->csv && draw(w, 3) == 0;
        rf_text_reset(content);
        RF_CHECK_OK(err, rf_text_printf(content, &err, "%s%s",
                                        w->csv   ? "id,user,shop,time,amount,test,note"
                                        : events ? "retry: 10"
                                                 : "",
                                        end));
        for (; at < stop; at++) {
            const entry *e = &w->entries[order[at]];
            if (events)
                add_event(w, content, e, end);
            else
                add_lines(content, e, end, at + 1 < stop || draw(w, 2) == 0 || e->parts == 0);
        }
        snprintf(path, sizeof path, "day-%d.%s", first + file, w->csv ? "csv" : "jsonl");
        packed_spill(path, (enum packed_kind)draw(w, PACKED_KINDS), content->ptr, content->len, 1);
    }
}

static void want(const world *w, outcome fate, list *l)
{
    for (int i = 0; i < RECORDS; i++) {
        for (int k = 0; k < w->entries[i].parts; k++) {
            const made *m = &w->entries[i].part[k];
            if (m->fate != fate)
                continue;
            const char *text = fate == BAD ? m->text : m->id;
            list_add(l, text, fate == BAD ? m->len : strlen(text));
        }
    }
}

#define BUILD "build --config job.yaml --summary summary.json" QUIET

/* `count`: what the builds have counted together. */
static void check_all(const world *w, const int64_t count[FATES + 2], const char *of)
{
    list wanted = {0}, got = {0};
    int64_t read = 0;
    for (outcome f = 0; f < FATES; f++) {
        ck_assert_msg(count[f] == w->count[f], "%s: %lld records of fate %d, %lld wanted", of,
                      (long long)count[f], (int)f, (long long)w->count[f]);
        read += count[f];
    }
    ck_assert_msg(count[FATES] == read, "%s: %lld read, %lld accounted for", of, (long long)count[FATES],
                  (long long)read);
    want(w, BAD, &wanted);
    add_letters(w, &got);
    check_lists(&wanted, &got, "dead letter", of);
    want(w, IN_WINDOW, &wanted);
    add_events(&got);
    check_lists(&wanted, &got, "event", of);
}

static void build(int64_t count[FATES + 2])
{
    must_run(BUILD);
    static const char *const words[] = {"accepted", "waiting",  "expired", "duplicate",
                                        "rejected", "filtered", "read",    "late"};
    for (int i = 0; i < FATES + 2; i++)
        count[i] += count_of(words[i]);
    count[EXPIRED] += count_of("late"); /* of a later build: too late to be kept */
}

static void remove_all(void)
{
    ck_assert_int_eq(system("rm -f day-* bad.jsonl graph.h5 summary.json"), 0); /* NOLINT(cert-env33-c) */
}

static void try_seed(int seed, bool csv)
{
    world *w = calloc(1, sizeof *w);
    int order[RECORDS];
    char of[64];
    rf_rng_init(&w->rng, (uint64_t)seed, csv);
    w->csv = csv;
    for (int i = 0; i < RECORDS; i++)
        make_entry(w, i);
    for (int i = 0; i < ORDERS; i++) {
        int64_t count[FATES + 2] = {0};
        snprintf(of, sizeof of, "seed %d, %s, order %d", seed, csv ? "CSV" : "JSON", i);
        shuffle(w, order);
        int first = i == 0 ? RECORDS : RECORDS / 3 + draw(w, RECORDS / 2);
        write_files(w, order, 0, first, 0);
        build(count);
        ck_assert_int_eq(count[FATES + 1], 0); /* nothing is late at once */
        if (i > 0) {                           /* the rest comes later */
            write_files(w, order, first, RECORDS, FILES);
            build(count);
        }
        check_all(w, count, of);
        remove_all();
    }
    for (int i = 0; i < 2 * FILES; i++)
        rf_text_clear(&w->content[i]);
    free(w);
}

START_TEST(every_record_is_in_one_place)
{
    static const char job[] = "source: {paths: [\"day-*\"], where: \"test != true\"}\n"
                              "fields:\n"
                              "  user: user\n"
                              "  entity: shop\n"
                              "  time: time\n"
                              "  event_id: id\n"
                              "  attributes: {amount: number}\n"
                              "graph: {granularity: event, window: 31d, as_of: 2024-04-01}\n"
                              "ingest: {max_rejects: 1000000, dead_letters: bad.jsonl}\n";
    const char *seeds = getenv("RF_DIRT_SEEDS");
    enter_folder();
    rf_spill("job.yaml", job, strlen(job));
    for (int seed = 1; seed <= (seeds != NULL ? atoi(seeds) : rf_short() ? 1 : SEEDS); seed++) {
        try_seed(seed, false);
        try_seed(seed, true);
    }
}
END_TEST

RF_SUITE("dirt", every_record_is_in_one_place)
