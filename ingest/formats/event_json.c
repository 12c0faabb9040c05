/* event_json.c - one JSON object (a line of JSON Lines, or a message) to raw values, in one pass; pure.
 *
 * Only mapped keys are read (json_keys.c); everything below other keys is skipped, and may hold texts that
 * are none. NaN and Infinity are values, as Python writes them. Keys in the same order as in the previous
 * record need no search. A failure is found where the reader stops.
 */
#include "event_json_int.h"

#include <stdio.h>
#include <string.h>

#include "json_keys_int.h"
#include "json_marks_int.h"
#include "json_usual_int.h"
#include "rf_mem.h"
#include "rf_text.h"

#define MOST_LACKING 2   /* keys that a record may lack in a row before the order is taken for another one */
#define OBJECT_ENDS (-2) /* in place of a key's node */
#define SELDOM __attribute__((noinline, cold))

/* What escaped texts and keys mean, until the next record. */
typedef struct scratch {
    char *bytes; /* owned; once needed, as long as the record at least */
    size_t cap, used;
} scratch;

struct rf_json_decoder {
    const rf_field_plan *plan;
    rf_json_keys keys;
    scratch scratch;
    rf_json_find_marks *find_marks; /* NULL: none */
    rf_json_marks marks;
    rf_span record;
    const char *item, *items_end; /* of the list whose items are events: the next one; NULL: no list */
    rf_json_habit *item_turn;
};

/* One record, while it is read. */
typedef struct reader {
    rf_json_scan scan;
    rf_json_tail tail;
    rf_raw passed; /* of keys that nobody wants */
    rf_raw *raws;
    rf_json_keys *keys;
    rf_json_habit *turn; /* of the next key of a mapped object */
    scratch *scratch;
    rf_span record;
    const rf_json_marks *marks; /* of the record; NULL: it has none */
    rf_span items;     /* of the list whose items are events, without its brackets; ptr NULL: not there */
    rf_reject *reject; /* filled by what is no matter of JSON */
    rf_status status;  /* RF_E_NOMEM ends the reading */
    rf_err *err;
} reader;

rf_status rf_json_decoder_new(rf_json_decoder **out, const rf_field_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json_decoder *decoder = NULL;
    RF_ZERO(decoder, 1, err);
    decoder->plan = plan;
    decoder->find_marks = rf_json_marks_finder();
    RF_TRY(rf_json_keys_init(&decoder->keys, plan, err));
    *out = decoder;
    decoder = NULL;
done:
    rf_json_decoder_free(decoder);
    return st;
}

void rf_json_decoder_free(rf_json_decoder *decoder)
{
    if (decoder == NULL)
        return;
    rf_json_keys_clear(&decoder->keys);
    rf_mem_free(decoder->scratch.bytes);
    rf_mem_free(decoder);
}

static bool seen_by_alias(const rf_json_keys *keys, int name)
{
    for (int i = 0; i < keys->n_aliases; i++) {
        if (keys->aliases[i].name == name && rf_json_node_seen(&keys->nodes[keys->aliases[i].node]) != 0)
            return true;
    }
    return false;
}

/* Items of a list are no keys: where it was there, shorter lists may have lacked them. */
static bool in_seen_list(const rf_json_keys *keys, const rf_json_node *node)
{
    while (node->parent > RF_JSON_ROOT && node->key.ptr[0] != '[')
        node = &keys->nodes[node->parent];
    return node->parent > RF_JSON_ROOT && rf_json_node_seen(&keys->nodes[node->parent]) != 0;
}

int rf_json_decoder_absent(const rf_json_decoder *decoder, int from)
{
    int first = -1;
    const rf_json_keys *keys = &decoder->keys;
    for (int i = 0; i < keys->n; i++) {
        const rf_json_node *node = &keys->nodes[i];
        if (node->name >= from && node->name < decoder->plan->n_names && rf_json_node_seen(node) == 0 &&
            !seen_by_alias(keys, node->name) && !in_seen_list(keys, node) &&
            (first < 0 || node->name < first))
            first = node->name;
    }
    return first;
}

/* What an escaped text means. */
static bool unescape(reader *r, rf_span *text)
{
    if (r->scratch->used == 0) /* later it would move; no more than the record has is ever written */
        r->status = rf_mem_reserve((void **)&r->scratch->bytes, &r->scratch->cap, r->record.len, 1, r->err);
    if (r->status != RF_OK)
        return false;
    char *copy = r->scratch->bytes + r->scratch->used;
    *text = (rf_span){copy, rf_json_unescape(copy, *text)};
    r->scratch->used += text->len;
    return true;
}

/* ---- values ---- */

static bool read_object(reader *r, int node);
static bool read_list(reader *r, int node);
static bool read_value(reader *r, int node);

/* A mapped text with escapes becomes what they mean. */
static bool resolve_escapes(reader *r, rf_span *text)
{
    const char *lone = rf_json_lone_surrogate(*text);
    if (lone != NULL) {
        rf_reject_set(r->reject, RF_REJECT_BAD_UTF8, 0, "byte %td: an escape is half a surrogate pair",
                      lone - r->record.ptr);
        r->scan.at = lone;
        return false;
    }
    if (!unescape(r, text))
        return false;
    if (memchr(text->ptr, '\0', text->len) == NULL)
        return true;
    rf_reject_set(r->reject, RF_REJECT_BAD_UTF8, 0, "a mapped text holds the character U+0000");
    return false;
}

/* A value of any kind, filled in place: a copy of the struct would wait for the stores of its parts. */
__attribute__((noinline)) static bool read_value(reader *r, int node)
{
    rf_json_scan *s = &r->scan;
    const rf_json_node *key = &r->keys->nodes[node];
    rf_raw *raw = key->name >= 0 ? &r->raws[key->name] : &r->passed;
    bool escaped;
    raw->text = (rf_span){0};
    switch (s->at < s->end ? *s->at : '\0') {
    case '"':
        s->at++;
        raw->kind = RF_RAW_TEXT;
        return rf_json_read_text(s, &raw->text, &escaped) && (!escaped || resolve_escapes(r, &raw->text));
    case 't':
        raw->kind = RF_RAW_TRUE;
        return rf_json_read_word(s, "true", 4);
    case 'f':
        raw->kind = RF_RAW_FALSE;
        return rf_json_read_word(s, "false", 5);
    case 'n':
        raw->kind = RF_RAW_ABSENT;
        return rf_json_read_word(s, "null", 4);
    case '{':
    case '[':
        raw->kind = RF_RAW_NESTED;
        if (!key->has_children)
            return rf_json_pass_value(s);
        return *s->at == '{' ? read_object(r, node) : read_list(r, node);
    default:
        if (rf_json_pass_not_finite(s, &raw->text)) {
            raw->kind = RF_RAW_FIELD; /* a word that stands for nothing */
            return true;
        }
        raw->kind = RF_RAW_NUMBER;
        return rf_json_expect_number(s) && rf_json_read_number(s, &raw->text);
    }
}

/* ---- keys ---- */

/* What is seen is what the habit has before its value. */
static inline bool is_habit(const rf_json_habit *habit, int place, const char *seen)
{
    rf_block other = rf_block_filled('\0');
    for (size_t i = 0; i < RF_JSON_HABIT_BYTES; i += RF_BLOCK) {
        rf_block differs = rf_block_xor(rf_block_at(seen + i), rf_block_at(habit->bytes + i));
        other = rf_block_or(other, rf_block_and(differs, rf_block_at(habit->mask + i)));
    }
    return habit->place == place && rf_block_is_zero(other);
}

/* What came at one of the next turns, if some keys are lacking; NULL: something else comes. */
SELDOM static rf_json_habit *find_later_habit(const reader *r, int place, const char *seen)
{
    rf_json_habit *end = r->keys->habits + RF_JSON_HABITS;
    if (*seen == '}')
        return NULL;
    for (rf_json_habit *turn = r->turn + 1; turn <= r->turn + MOST_LACKING && turn < end; turn++) {
        if (is_habit(turn, place, seen))
            return turn;
    }
    return NULL;
}

SELDOM static bool refuse_key(reader *r, const rf_json_node *key, const char *behind)
{
    char shown[RF_SHOWN_BYTES];
    r->scan.at = behind;
    rf_reject_set(r->reject, RF_REJECT_DUPLICATE_KEY, 0, "the key \"%s\" occurs twice in one object",
                  rf_shown(shown, key->key));
    return false;
}

/* `behind` the key the reader stops, if not. */
static inline bool is_new(reader *r, int node, const char *behind)
{
    rf_json_node *key = &r->keys->nodes[node];
    if (rf_json_node_seen(key) == r->keys->record)
        return refuse_key(r, key, behind);
    rf_json_node_see(key, r->keys->record);
    return true;
}

/* At the opening brace, or behind a value: to the next value, whatever stands before it. */
SELDOM static bool read_key(reader *r, int object, bool first, int *node)
{
    rf_json_scan *s = &r->scan;
    const char *from = s->at;
    rf_span key;
    bool escaped;
    s->at += first;
    rf_json_pass_space(s);
    if (first ? rf_json_next_is(s, '}') : !rf_json_next_is(s, ',')) {
        *node = OBJECT_ENDS;
        return first || rf_json_expect(s, '}', "',' or '}' is due");
    }
    rf_json_pass_space(s);
    if (!rf_json_expect(s, '"', "a key is due, in double quotes"))
        return false;
    rf_json_habit *turn = r->turn;
    r->turn += turn < r->keys->habits + RF_JSON_HABITS;
    if (!rf_json_read_text(s, &key, &escaped) || (escaped && !unescape(r, &key)))
        return false;
    size_t key_len = (size_t)(s->at - from);
    *node = rf_json_keys_find(r->keys, object, key.ptr, key.len);
    if (*node != RF_JSON_NO_NODE && !is_new(r, *node, s->at))
        return false;
    rf_json_pass_space(s);
    if (!rf_json_expect(s, ':', "':' is expected after a key"))
        return false;
    rf_json_pass_space(s);
    if (!escaped)
        rf_json_keys_remember(r->keys, turn, rf_json_place(object, first),
                              (rf_span){from, (size_t)(s->at - from)}, key_len, *node);
    return true;
}

/* A value that is not a usual one. */
SELDOM static const char *read_other_value(reader *r, int node, const char *at)
{
    r->scan.at = at;
    rf_json_pass_space(&r->scan); /* more of it than in the habit */
    return (node != RF_JSON_NO_NODE ? read_value(r, node) : rf_json_pass_value(&r->scan)) ? r->scan.at : NULL;
}

/* ---- objects ---- */

/* The first mark at or behind a place that is in no text. */
static size_t mark_from(const reader *r, const char *at, size_t mark)
{
    const size_t place = (size_t)(at - r->record.ptr);
    while (mark < r->marks->n && r->marks->at[mark] < place)
        mark++;
    return mark;
}

/* A text, at its opening quote, which has that mark. */
static inline const char *marked_text(const reader *r, rf_raw *raw, const char *at, size_t mark)
{
    const char *end = r->record.ptr + r->marks->at[mark + 1];
    raw->kind = RF_RAW_TEXT;
    raw->text = (rf_span){at + 1, (size_t)(end - at - 1)};
    return end + 1;
}

/* `behind` a number: where the next key begins by its mark, if that is the same place. A branch, so that
 * nobody waits for the number's end before the key is read. */
static inline const char *next_by_mark(const reader *r, const char *behind, size_t mark)
{
    const char *begins = r->record.ptr + r->marks->at[mark] - r->turn->quote;
    if (__builtin_expect(begins == behind, true)) {
        __asm__("" : "+r"(begins)); /* they are the same, but the processor knows this one earlier */
        return begins;
    }
    return behind;
}

/* At the opening brace of the object whose keys are children of node; marked: the object is all of the
 * record, which has marks. */
static inline __attribute__((always_inline)) bool read_members(reader *r, int node, bool marked)
{
    const char *at = r->scan.at;
    size_t mark = marked ? mark_from(r, at, 0) : 0; /* of the next quote */
    for (int place = rf_json_place(node, true);; place = rf_json_place(node, false)) {
        const char *seen = rf_json_look(&r->tail, &r->scan, at), *behind;
        rf_json_habit *habit = r->turn;
        int key;
        if (!is_habit(habit, place, seen))
            habit = find_later_habit(r, place, seen);
        if (habit != NULL) {
            key = habit->node;
            if (key != RF_JSON_NO_NODE && !is_new(r, key, at + habit->key_len))
                return false;
            r->turn = habit + 1;
            at += habit->len;
            seen += habit->len;
            mark += 2;
        } else {
            r->scan.at = at;
            if (!read_key(r, node, place == rf_json_place(node, true), &key))
                return false;
            if (key == OBJECT_ENDS)
                return true;
            at = r->scan.at;
            seen = rf_json_look(&r->tail, &r->scan, at);
            mark = marked ? mark_from(r, at, mark) : 0;
        }
        int name = key == RF_JSON_NO_NODE ? RF_JSON_NO_NODE : r->keys->nodes[key].name;
        rf_raw *raw = name >= 0 ? &r->raws[name] : &r->passed;
        if (marked && *seen == '"') {
            at = marked_text(r, raw, at, mark);
            mark += 2;
            continue;
        }
        behind = rf_json_usual_value(raw, &r->tail, &r->scan, at, seen);
        if (behind == NULL) {
            if ((behind = read_other_value(r, key, at)) == NULL)
                return false;
            mark = marked ? mark_from(r, behind, mark) : 0;
        }
        at = marked ? next_by_mark(r, behind, mark) : behind;
    }
}

static bool read_object(reader *r, int node)
{
    return read_members(r, node, false);
}

static bool read_marked_object(reader *r)
{
    return read_members(r, RF_JSON_ROOT, true);
}

/* At the opening bracket of a list some of whose items are wanted. */
static bool read_list(reader *r, int node)
{
    rf_json_scan *s = &r->scan;
    const rf_json_node *key = &r->keys->nodes[node];
    const char *begin = ++s->at;
    char item[24];
    if (!key->items && !key->list)
        r->keys->met_list = node;
    rf_json_pass_space(s);
    if (!rf_json_next_is(s, ']')) {
        for (int i = 0;; i++) {
            int len = key->items ? snprintf(item, sizeof item, "[%d]", i) : 0;
            int wanted = key->items ? rf_json_keys_find(r->keys, node, item, (size_t)len) : RF_JSON_NO_NODE;
            rf_json_pass_space(s);
            if (wanted != RF_JSON_NO_NODE)
                rf_json_node_see(&r->keys->nodes[wanted], r->keys->record);
            if (!(wanted != RF_JSON_NO_NODE ? read_value(r, wanted) : rf_json_pass_value(s)))
                return false;
            rf_json_pass_space(s);
            if (rf_json_next_is(s, ']'))
                break;
            if (!rf_json_expect(s, ',', "',' or ']' is due"))
                return false;
        }
    }
    if (key->list)
        r->items = (rf_span){begin, (size_t)(s->at - 1 - begin)};
    return true;
}

/* ---- the record ---- */

static bool read_record(reader *r)
{
    rf_json_scan *s = &r->scan;
    rf_json_pass_space(s);
    if (s->at == s->end || *s->at != '{')
        return rf_json_fail(s, s->at == s->end ? rf_json_ends : "the record is not a JSON object");
    if (!(r->marks != NULL ? read_marked_object(r) : read_object(r, RF_JSON_ROOT)))
        return false;
    rf_json_pass_space(s);
    if (s->at == s->end)
        return true;
    return rf_json_pass_value(s) && rf_json_fail(s, "extra data after the object");
}

/* Only what is mapped must be a text. */
static rf_status check_texts(const rf_raw *raws, const rf_field_plan *plan, rf_reject *reject)
{
    char what[RF_SHOWN_BYTES + 16], shown[RF_SHOWN_BYTES];
    for (int i = 0; i < plan->n_names; i++) {
        if (plan->origins[i] != RF_FIELD_BODY || raws[i].kind != RF_RAW_TEXT ||
            rf_utf8_valid(raws[i].text.ptr, raws[i].text.len))
            continue;
        snprintf(what, sizeof what, "key \"%s\"",
                 rf_shown(shown, (rf_span){plan->names[i], strlen(plan->names[i])}));
        return rf_reject_text(reject, what, raws[i].text, -1);
    }
    return RF_OK;
}

/* A record that is no JSON because it is no text is told so. */
static rf_status refuse(reader *r)
{
    int64_t at = r->scan.at - r->record.ptr;
    if (r->scan.why == NULL) { /* the reject is filled */
        r->reject->byte = at;
        return RF_SKIPPED;
    }
    if (!rf_utf8_valid(r->record.ptr, r->record.len))
        return rf_reject_text(r->reject, "the record", r->record, -1);
    at += r->scan.at < r->scan.end; /* the byte that is wrong was read, too */
    return rf_reject_set(r->reject, RF_REJECT_BAD_JSON, at, "byte %lld: %s", (long long)at, r->scan.why);
}

/* The exact key "a.b" counts where there is no b in a. */
static void use_aliases(rf_raw *raws, const rf_json_keys *keys)
{
    for (int i = 0; i < keys->n_aliases; i++) {
        const rf_json_alias *alias = &keys->aliases[i];
        if (raws[alias->name].kind == RF_RAW_ABSENT && raws[alias->slot].kind != RF_RAW_ABSENT)
            raws[alias->name] = raws[alias->slot];
    }
}

/* One by one: all of it at once would take as long as reading some keys. */
static inline void start(reader *r, rf_json_decoder *decoder, rf_span text, rf_reject *reject, rf_err *err)
{
    r->scan = rf_json_scan_of(text);
    r->scan.not_finite = true;
    rf_json_tail_copy(&r->tail, &r->scan);
    r->keys = &decoder->keys;
    r->scratch = &decoder->scratch;
    r->marks = NULL;
    r->items = (rf_span){0};
    r->reject = reject;
    r->status = RF_OK;
    r->err = err;
}

rf_status rf_json_decode(rf_raw *raws, rf_json_decoder *decoder, rf_span record, rf_reject *reject,
                         rf_err *err)
{
    reader r;
    start(&r, decoder, record, reject, err);
    r.raws = raws;
    r.turn = decoder->keys.habits;
    r.record = record;
    decoder->keys.record++;
    decoder->keys.met_list = RF_JSON_NO_NODE;
    decoder->scratch.used = 0;
    decoder->item = NULL;
    if (decoder->find_marks != NULL && decoder->find_marks(&decoder->marks, record)) {
        r.marks = &decoder->marks;
        r.scan.high = decoder->marks.high;
    }
    for (int i = 0; i < decoder->keys.n_slots; i++)
        raws[i].kind = RF_RAW_ABSENT; /* those that are not of the body are filled later */
    reject->code = RF_REJECT_NONE;
    bool fine = read_record(&r);
    if (r.status != RF_OK)
        return r.status;
    if (!fine)
        return refuse(&r);
    use_aliases(raws, &decoder->keys);
    if (r.items.ptr != NULL) {
        decoder->item = r.items.ptr;
        decoder->items_end = r.items.ptr + r.items.len;
        decoder->item_turn = r.turn;
        decoder->record = record;
    }
    if (r.scan.high != 0 && !rf_utf8_valid(record.ptr, record.len))
        return check_texts(raws, decoder->plan, reject);
    return RF_OK;
}

/* ---- items that are events ---- */

bool rf_json_has_item(const rf_json_decoder *decoder)
{
    const char *at = decoder->item;
    if (at == NULL)
        return false;
    while (at < decoder->items_end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    return at < decoder->items_end;
}

bool rf_json_had_list(const rf_json_decoder *decoder)
{
    return decoder->item != NULL;
}

static bool is_below(const rf_json_keys *keys, int node, int above)
{
    while (node != RF_JSON_NO_NODE && node != above)
        node = keys->nodes[node].parent;
    return node == above;
}

rf_status rf_json_item(rf_raw *raws, rf_json_decoder *decoder, rf_reject *reject, rf_err *err)
{
    rf_json_keys *keys = &decoder->keys;
    const rf_span left = {decoder->item, (size_t)(decoder->items_end - decoder->item)};
    reader r;
    start(&r, decoder, left, reject, err);
    r.raws = raws;
    r.turn = decoder->item_turn;
    r.record = decoder->record;
    keys->record++;
    int item = rf_json_keys_find(keys, keys->list, "[*]", 3);
    for (int i = 0; i < keys->n; i++) {
        if (keys->nodes[i].name >= 0 && is_below(keys, i, item))
            raws[keys->nodes[i].name].kind = RF_RAW_ABSENT;
    }
    rf_json_node_see(&keys->nodes[item], keys->record);
    rf_json_pass_space(&r.scan);
    const char *from = r.scan.at;
    bool fine = read_value(&r, item);
    if (r.status != RF_OK)
        return r.status;
    rf_json_pass_space(&r.scan);
    decoder->item = r.scan.at + (r.scan.at < r.scan.end); /* behind the comma */
    if (fine)
        return check_texts(raws, decoder->plan, reject);
    rf_json_scan whole = rf_json_scan_of((rf_span){from, (size_t)(decoder->items_end - from)});
    whole.not_finite = true;
    (void)rf_json_pass_value(&whole); /* the list was read once: it is no matter of syntax */
    rf_json_pass_space(&whole);
    decoder->item = whole.at + (whole.at < whole.end);
    return refuse(&r);
}

rf_span rf_json_met_list(const rf_json_decoder *decoder)
{
    int node = decoder->keys.met_list;
    return node == RF_JSON_NO_NODE ? (rf_span){0} : decoder->keys.nodes[node].key;
}
