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
#include "rf_json_scan.h"
#include "rf_mem.h"
#include "rf_text.h"

#define MOST_LACKING 2 /* keys that a record may lack in a row before the order is taken for another one */

/* What escaped texts and keys mean, until the next record. */
typedef struct scratch {
    char *bytes; /* owned; once needed, as long as the record at least */
    size_t cap, used;
} scratch;

struct rf_json_decoder {
    const rf_field_plan *plan;
    rf_json_keys keys;
    scratch scratch;
    rf_span record;
    const char *item, *items_end; /* of the list whose items are events: the next one; NULL: no list */
    size_t item_turn;
};

/* One record, while it is read. */
typedef struct reader {
    rf_json_scan scan;
    rf_raw *raws;
    rf_json_keys *keys;
    size_t turn; /* keys of mapped objects so far */
    scratch *scratch;
    rf_span record;
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
        if (keys->aliases[i].name == name && keys->nodes[keys->aliases[i].node].seen != 0)
            return true;
    }
    return false;
}

/* Items of a list are no keys: where it was there, shorter lists may have lacked them. */
static bool in_seen_list(const rf_json_keys *keys, const rf_json_node *node)
{
    while (node->parent > RF_JSON_ROOT && node->key.ptr[0] != '[')
        node = &keys->nodes[node->parent];
    return node->parent > RF_JSON_ROOT && keys->nodes[node->parent].seen != 0;
}

int rf_json_decoder_absent(const rf_json_decoder *decoder, int from)
{
    int first = -1;
    const rf_json_keys *keys = &decoder->keys;
    for (int i = 0; i < keys->n; i++) {
        const rf_json_node *node = &keys->nodes[i];
        if (node->name >= from && node->name < decoder->plan->n_names && node->seen == 0 &&
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
static bool read_item(reader *r, int node);

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

/* The value of a mapped key, filled in place: a copy of the struct would wait for the stores of its parts. */
__attribute__((always_inline)) static inline bool read_value(reader *r, int node)
{
    rf_json_scan *s = &r->scan;
    const rf_json_node *key = &r->keys->nodes[node];
    rf_raw passed, *raw = key->name >= 0 ? &r->raws[key->name] : &passed;
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

static bool is_habit(const reader *r, const rf_json_habit *habit, int object)
{
    uint64_t next, other = 0;
    if (habit->parent != object)
        return false;
    if (r->scan.end - r->scan.at < RF_JSON_HABIT_BYTES) /* the last key of a record, often */
        return (size_t)(r->scan.end - r->scan.at) >= habit->len &&
               memcmp(r->scan.at, habit->words, habit->len) == 0;
    for (size_t i = 0; i < RF_JSON_HABIT_BYTES / 8; i++) {
        memcpy(&next, r->scan.at + 8 * i, sizeof next); /* one by one: they stay in registers */
        other |= (next ^ habit->words[i]) & habit->masks[i];
    }
    return other == 0;
}

/* Its opening quote is read: which node it is. */
static bool read_key(reader *r, int object, int *node)
{
    rf_span key;
    bool escaped;
    size_t turn = r->turn;
    for (size_t last = turn + MOST_LACKING; turn <= last && turn < RF_JSON_HABITS; turn++) {
        if (!is_habit(r, &r->keys->habits[turn], object))
            continue;
        *node = r->keys->habits[turn].node;
        r->scan.at += r->keys->habits[turn].len;
        r->turn = turn + 1;
        return true;
    }
    turn = r->turn++;
    if (!rf_json_read_text(&r->scan, &key, &escaped) || (escaped && !unescape(r, &key)))
        return false;
    *node = rf_json_keys_find(r->keys, object, key.ptr, key.len);
    if (!escaped)
        rf_json_keys_remember(r->keys, turn, object, key, *node);
    return true;
}

static bool is_new(reader *r, int node)
{
    rf_json_node *key = &r->keys->nodes[node];
    char shown[RF_SHOWN_BYTES];
    if (key->seen == r->keys->record) {
        rf_reject_set(r->reject, RF_REJECT_DUPLICATE_KEY, 0, "the key \"%s\" occurs twice in one object",
                      rf_shown(shown, key->key));
        return false;
    }
    key->seen = r->keys->record;
    return true;
}

/* At the opening brace of the object whose keys are children of node. */
static bool read_object(reader *r, int node)
{
    rf_json_scan *s = &r->scan;
    s->at++;
    rf_json_pass_space(s);
    if (rf_json_next_is(s, '}'))
        return true;
    do {
        int key = RF_JSON_NO_NODE;
        rf_json_pass_space(s);
        if (!rf_json_expect(s, '"', "a key is due, in quotes") || !read_key(r, node, &key))
            return false;
        if (key != RF_JSON_NO_NODE && !is_new(r, key))
            return false;
        rf_json_pass_space(s);
        if (!rf_json_expect(s, ':', "':' is expected after a key"))
            return false;
        rf_json_pass_space(s);
        if (!(key != RF_JSON_NO_NODE ? read_value(r, key) : rf_json_pass_value(s)))
            return false;
        rf_json_pass_space(s);
    } while (rf_json_next_is(s, ','));
    return rf_json_expect(s, '}', "',' or '}' is due");
}

/* A value in a list: apart, so that those of objects are read in line. */
__attribute__((noinline)) static bool read_item(reader *r, int node)
{
    return read_value(r, node);
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
                r->keys->nodes[wanted].seen = r->keys->record;
            if (!(wanted != RF_JSON_NO_NODE ? read_item(r, wanted) : rf_json_pass_value(s)))
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
    if (!read_object(r, RF_JSON_ROOT))
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

rf_status rf_json_decode(rf_raw *raws, rf_json_decoder *decoder, rf_span record, rf_reject *reject,
                         rf_err *err)
{
    reader r = {.scan = {.at = record.ptr, .end = record.ptr + record.len, .not_finite = true},
                .raws = raws,
                .keys = &decoder->keys,
                .scratch = &decoder->scratch,
                .record = record,
                .reject = reject,
                .err = err};
    decoder->keys.record++;
    decoder->keys.met_list = RF_JSON_NO_NODE;
    decoder->scratch.used = 0;
    decoder->item = NULL;
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
    if ((r.scan.bytes & RF_JSON_HIGH_BITS) != 0 && !rf_utf8_valid(record.ptr, record.len))
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
    reader r = {.scan = {.at = decoder->item, .end = decoder->items_end, .not_finite = true},
                .raws = raws,
                .keys = keys,
                .turn = decoder->item_turn,
                .scratch = &decoder->scratch,
                .record = decoder->record,
                .reject = reject,
                .err = err};
    keys->record++;
    int item = rf_json_keys_find(keys, keys->list, "[*]", 3);
    for (int i = 0; i < keys->n; i++) {
        if (keys->nodes[i].name >= 0 && is_below(keys, i, item))
            raws[keys->nodes[i].name].kind = RF_RAW_ABSENT;
    }
    keys->nodes[item].seen = keys->record;
    rf_json_pass_space(&r.scan);
    const char *from = r.scan.at;
    bool fine = read_item(&r, item);
    if (r.status != RF_OK)
        return r.status;
    rf_json_pass_space(&r.scan);
    decoder->item = r.scan.at + (r.scan.at < r.scan.end); /* behind the comma */
    if (fine)
        return check_texts(raws, decoder->plan, reject);
    rf_json_scan whole = {.at = from, .end = decoder->items_end, .not_finite = true};
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
