/* event_avro.c - reads the mapped values of one Avro record; all others are passed over.
 *
 * Walks the record in the order of its schema, by the plan (avro_plan.c). Whether the bytes make sense is
 * seen on the way (avro_wire.c): they are strangers', and so may be the schema.
 */
#include "event_avro_int.h"

#include <assert.h>
#include <string.h>

#include "avro_value_int.h"
#include "avro_wire_int.h"
#include "number_print_int.h"
#include "rf_mem.h"
#include "rf_time.h"

#define MOST_EMPTY 65536 /* items without bytes in a list of events */

_Static_assert(RF_AVRO_SLOT >= RF_NUMBER_SLOT, "numbers of all kinds fit");

struct rf_avro_decoder {
    const rf_field_plan *names;
    rf_json_keys keys;
    int item_names[RF_MAX_FIELDS], n_item_names; /* below the list that gives events */
    char (*slots)[RF_AVRO_SLOT];                 /* [names->n_names] texts of numbers */
    bool as_text[RF_MAX_FIELDS];                 /* a moment there is wanted as its number, too */

    /* of the record that is read */
    const rf_avro_plan *plan;
    rf_raw *raws;
    const unsigned char *record, *end;
    size_t before;
    rf_reject *reject;
    rf_err *err;
    rf_status refused; /* RF_SKIPPED: *reject says why; or a failure */
    bool had_list;
    int each;                    /* the want of an item */
    const unsigned char **items; /* [n_items] where each begins */
    size_t n_items, cap_items, next_item;
};

/* ---- opening ---- */

static bool is_below(const rf_json_keys *keys, int node, int above)
{
    while (node != RF_JSON_NO_NODE && node != above)
        node = keys->nodes[node].parent;
    return node == above;
}

static bool is_read_as_moment(const rf_attr *attr)
{
    return attr->age || attr->type == RF_ATTR_TIME_OF_DAY || attr->type == RF_ATTR_TIME_OF_WEEK;
}

/* Of moments: where the number is read, too. The time, a time of the day or week and an age do without; words
 * for nothing of the user's own may well be numbers. */
static void look_for_texts(rf_avro_decoder *decoder)
{
    const rf_field_plan *names = decoder->names;
    const int texts[] = {names->user, names->event_id, names->label, names->fraud_type};
    for (int name = 0; name < names->n_names; name++)
        decoder->as_text[name] = names->own_null_words;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i] >= 0)
            decoder->as_text[texts[i]] = true;
    }
    for (int k = 0; k < names->n_kinds; k++)
        decoder->as_text[names->entity[k]] = true;
    for (int i = 0; i < names->n_attrs; i++) {
        if (names->attr_name[i] >= 0 && !is_read_as_moment(&names->attrs[i]))
            decoder->as_text[names->attr_name[i]] = true;
    }
    for (int i = 0; i < names->n_where; i++)
        decoder->as_text[names->where[i].name] = true;
    for (int i = names->n_derived; i-- > 0;) {
        const rf_derived *derived = &names->derived[i];
        bool wanted = derived->between != '\0' || decoder->as_text[derived->name];
        for (int part = 0; wanted && part < derived->n; part++)
            decoder->as_text[derived->parts[part]] = true;
    }
}

rf_status rf_avro_decoder_new(rf_avro_decoder **out, const rf_field_plan *names, rf_err *err)
{
    rf_status st = RF_OK;
    rf_avro_decoder *decoder = NULL;
    RF_ZERO(decoder, 1, err);
    decoder->names = names;
    RF_TRY(rf_json_keys_init(&decoder->keys, names, err));
    RF_ZERO(decoder->slots, names->n_names, err);
    look_for_texts(decoder);
    for (int i = 0; decoder->keys.list != RF_JSON_NO_NODE && i < decoder->keys.n; i++) {
        int name = decoder->keys.nodes[i].name;
        if (name >= 0 && name < names->n_names && is_below(&decoder->keys, i, decoder->keys.list))
            decoder->item_names[decoder->n_item_names++] = name;
    }
    *out = decoder;
    decoder = NULL;
done:
    rf_avro_decoder_free(decoder);
    return st;
}

void rf_avro_decoder_free(rf_avro_decoder *decoder)
{
    if (decoder == NULL)
        return;
    rf_json_keys_clear(&decoder->keys);
    rf_mem_free(decoder->slots);
    rf_mem_free(decoder->items);
    rf_mem_free(decoder);
}

const rf_json_keys *rf_avro_decoder_keys(const rf_avro_decoder *decoder)
{
    return &decoder->keys;
}

/* ---- plain values ---- */

static bool refuse(rf_avro_decoder *decoder, rf_reject_code code, const unsigned char *at, int name,
                   const char *why)
{
    char shown[RF_SHOWN_BYTES];
    const char *field = decoder->names->names[name];
    int64_t byte = (at - decoder->record) + (int64_t)decoder->before;
    decoder->refused = rf_reject_set(decoder->reject, code, byte, "byte %lld: field \"%s\" %s",
                                     (long long)byte, rf_shown(shown, (rf_span){field, strlen(field)}), why);
    return false;
}

static bool put_text(rf_avro_decoder *decoder, int name, rf_span text)
{
    if (!rf_utf8_valid(text.ptr, text.len))
        return refuse(decoder, RF_REJECT_BAD_UTF8, (const unsigned char *)text.ptr, name, "is not UTF-8");
    decoder->raws[name].kind = RF_RAW_TEXT;
    decoder->raws[name].text = text;
    return true;
}

static bool put_bytes(rf_avro_decoder *decoder, int name, const rf_avro_type *type, rf_span bytes)
{
    char *slot = decoder->slots[name];
    rf_raw *raw = &decoder->raws[name];
    if (type->meaning == RF_AVRO_UUID) {
        raw->kind = RF_RAW_TEXT;
        raw->text = rf_avro_print_uuid(slot, bytes);
        return true;
    }
    if (type->meaning != RF_AVRO_DECIMAL)
        return put_text(decoder, name, bytes);
    raw->kind = RF_RAW_NUMBER;
    raw->text = rf_avro_print_decimal(slot, bytes, type->scale);
    return raw->text.ptr != NULL || refuse(decoder, RF_REJECT_NUMBER_RANGE, (const unsigned char *)bytes.ptr,
                                           name, "is a decimal of more than 32 bytes");
}

/* What a clock of the configured zone shows, as a moment. */
static int64_t from_local(const rf_avro_decoder *decoder, int64_t local_us)
{
    bool near = local_us > RF_TIME_MIN - RF_DAY_US && local_us < RF_TIME_MAX + RF_DAY_US;
    return near ? rf_zone_from_local(decoder->names->time_ways.zone, local_us) : local_us;
}

static bool put_time(rf_avro_decoder *decoder, int name, const rf_avro_type *type, int64_t number,
                     const unsigned char *at)
{
    char *slot = decoder->slots[name];
    rf_raw *raw = &decoder->raws[name];
    int64_t us = rf_avro_micros(number, type->scale);
    raw->kind = RF_RAW_MOMENT;
    if (type->meaning == RF_AVRO_MOMENT || type->meaning == RF_AVRO_LOCAL) {
        bool odd = us < RF_TIME_MIN || us >= RF_TIME_MAX; /* a reason will show it */
        raw->text = decoder->as_text[name] || odd ? rf_number_print_signed(slot, number) : (rf_span){NULL, 0};
        raw->time_us = type->meaning == RF_AVRO_LOCAL ? from_local(decoder, us) : us;
        return true;
    }
    if (type->meaning == RF_AVRO_DATE) {
        raw->text = rf_avro_print_date(slot, number);
        if (__builtin_mul_overflow(number, RF_DAY_US, &us))
            us = number < 0 ? INT64_MIN : INT64_MAX;
    } else if (us < 0 || us >= RF_DAY_US) {
        return refuse(decoder, RF_REJECT_BAD_TIME, at, name, "is no time of a day");
    } else {
        raw->text = rf_avro_print_time(slot, us);
    }
    raw->time_us = from_local(decoder, us);
    return true;
}

static bool put_number(rf_avro_decoder *decoder, int name, const rf_avro_type *type, rf_avro_cursor *c)
{
    const unsigned char *at = c->at;
    int64_t number;
    if (!rf_avro_number(&number, c, type))
        return false;
    if (type->meaning != RF_AVRO_PLAIN)
        return put_time(decoder, name, type, number, at);
    decoder->raws[name].kind = RF_RAW_NUMBER;
    decoder->raws[name].text = rf_number_print_signed(decoder->slots[name], number);
    return true;
}

static bool put_real(rf_avro_decoder *decoder, int name, const rf_avro_type *type, rf_avro_cursor *c)
{
    rf_span bytes;
    bool is_float = type->kind == RF_AVRO_FLOAT;
    if (!rf_avro_fixed(&bytes, c, type->size))
        return false;
    double value = is_float ? (double)rf_avro_float(bytes) : rf_avro_double(bytes);
    decoder->raws[name].kind = RF_RAW_NUMBER;
    decoder->raws[name].text = rf_number_print_real(decoder->slots[name], value, is_float);
    return true;
}

static bool read_plain(rf_avro_decoder *decoder, int name, const rf_avro_type *type, rf_avro_cursor *c)
{
    rf_span bytes;
    size_t choice;
    assert(name >= 0); /* the want of a plain value leads to its name */
    switch (type->kind) {
    case RF_AVRO_BOOLEAN:
        if (!rf_avro_fixed(&bytes, c, 1))
            return false;
        decoder->raws[name].kind = bytes.ptr[0] != 0 ? RF_RAW_TRUE : RF_RAW_FALSE;
        return true;
    case RF_AVRO_FLOAT:
    case RF_AVRO_DOUBLE:
        return put_real(decoder, name, type, c);
    case RF_AVRO_STRING:
        return rf_avro_bytes(&bytes, c) && put_text(decoder, name, bytes);
    case RF_AVRO_BYTES:
        return rf_avro_bytes(&bytes, c) && put_bytes(decoder, name, type, bytes);
    case RF_AVRO_FIXED:
        return rf_avro_fixed(&bytes, c, type->size) && put_bytes(decoder, name, type, bytes);
    case RF_AVRO_ENUM:
        return rf_avro_choice(&choice, c, type) && put_text(decoder, name, type->parts[choice].name);
    default: /* int, long */
        return put_number(decoder, name, type, c);
    }
}

/* ---- values inside values ---- */

static bool read_value(rf_avro_decoder *decoder, int want, rf_avro_cursor *c);

/* A value of that type by that want, or past it. */
static inline bool read_or_pass(rf_avro_decoder *decoder, int want, const rf_avro_type *type,
                                rf_avro_cursor *c)
{
    if (want == RF_AVRO_NO_WANT)
        return rf_avro_pass(c, type, 0);
    if (type->kind < RF_AVRO_RECORD) /* a plain one: without a call in between */
        return read_plain(decoder, decoder->plan->wants[want].name, type, c);
    return read_value(decoder, want, c);
}

/* Keeps the place of an item that is an event. */
static bool keep_item(rf_avro_decoder *decoder, int each, const unsigned char *at)
{
    rf_status st = RF_OK;
    decoder->each = each;
    RF_RESERVE(decoder->items, decoder->cap_items, decoder->n_items + 1, decoder->err);
    decoder->items[decoder->n_items++] = at;
    return true;
done:
    decoder->refused = st;
    return false;
}

static int pick_item(const rf_avro_plan *plan, const rf_avro_want *w, int64_t index)
{
    for (size_t i = 0; i < w->n; i++) {
        if (plan->picks[w->first + i].index == index)
            return plan->picks[w->first + i].want;
    }
    return RF_AVRO_NO_WANT;
}

/* n items from number `index` on. */
static bool read_block(rf_avro_decoder *decoder, const rf_avro_want *w, int64_t index, int64_t n,
                       rf_avro_cursor *c)
{
    const rf_avro_plan *plan = decoder->plan;
    const rf_avro_type *items = rf_avro_type_at(plan->schema, w->type)->parts[0].of;
    if (items->empty) {
        n = w->each != RF_AVRO_NO_WANT ? n : 0; /* others have no value */
        if (n > MOST_EMPTY - (int64_t)decoder->n_items)
            return rf_avro_fail(c, "a list has too many items without bytes");
    } else if (n > c->end - c->at) {
        return rf_avro_fail(c, "a list has more items than bytes are left");
    }
    for (int64_t i = 0; i < n; i++) {
        if (w->each != RF_AVRO_NO_WANT && !keep_item(decoder, w->each, c->at))
            return false;
        if (!read_or_pass(decoder, pick_item(plan, w, index + i), items, c)) /* events are read later */
            return false;
    }
    return true;
}

static bool read_array(rf_avro_decoder *decoder, const rf_avro_want *w, rf_avro_cursor *c)
{
    decoder->had_list = decoder->had_list || w->each != RF_AVRO_NO_WANT;
    for (int64_t index = 0;;) {
        int64_t n, bytes;
        if (!rf_avro_block(&n, &bytes, c))
            return false;
        if (n == 0)
            return true;
        const unsigned char *begin = c->at;
        if (!read_block(decoder, w, index, n, c) || !rf_avro_block_ends(c, begin, bytes))
            return false;
        if (__builtin_add_overflow(index, n, &index))
            return rf_avro_fail(c, "a list has an impossible number of items");
    }
}

static int pick_key(const rf_avro_plan *plan, const rf_avro_want *w, rf_span key)
{
    for (size_t i = 0; i < w->n; i++) {
        const rf_avro_pick *pick = &plan->picks[w->first + i];
        if (pick->key.len == key.len && memcmp(pick->key.ptr, key.ptr, key.len) == 0)
            return pick->want;
    }
    return RF_AVRO_NO_WANT;
}

static bool read_map(rf_avro_decoder *decoder, const rf_avro_want *w, rf_avro_cursor *c)
{
    const rf_avro_plan *plan = decoder->plan;
    const rf_avro_type *values = rf_avro_type_at(plan->schema, w->type)->parts[0].of;
    for (;;) {
        int64_t n, bytes;
        rf_span key;
        if (!rf_avro_block(&n, &bytes, c))
            return false;
        if (n == 0)
            return true;
        const unsigned char *begin = c->at;
        for (; n > 0; n--) { /* each key has a byte at least */
            if (!rf_avro_bytes(&key, c) || !read_or_pass(decoder, pick_key(plan, w, key), values, c))
                return false;
        }
        if (!rf_avro_block_ends(c, begin, bytes))
            return false;
    }
}

static bool read_record(rf_avro_decoder *decoder, const rf_avro_want *w, rf_avro_cursor *c)
{
    const rf_avro_plan *plan = decoder->plan;
    const rf_avro_type *type = rf_avro_type_at(plan->schema, w->type);
    for (size_t i = 0; i < w->n; i++) {
        if (!read_or_pass(decoder, plan->below[w->first + i], type->parts[i].of, c))
            return false;
    }
    return true;
}

static bool read_union(rf_avro_decoder *decoder, const rf_avro_want *w, rf_avro_cursor *c)
{
    const rf_avro_plan *plan = decoder->plan;
    const rf_avro_type *type = rf_avro_type_at(plan->schema, w->type);
    size_t choice;
    return rf_avro_choice(&choice, c, type) &&
           read_or_pass(decoder, plan->below[w->first + choice], type->parts[choice].of, c);
}

/* Recursion: as deep as the plan, whose every record and list takes a part of a mapped name. */
static bool read_value(rf_avro_decoder *decoder, int want, rf_avro_cursor *c)
{
    const rf_avro_want *w = &decoder->plan->wants[want];
    const rf_avro_type *type = rf_avro_type_at(decoder->plan->schema, w->type);
    bool nested = type->kind == RF_AVRO_RECORD || type->kind == RF_AVRO_ARRAY || type->kind == RF_AVRO_MAP;
    if (nested && w->name >= 0)
        decoder->raws[w->name].kind = RF_RAW_NESTED;
    switch (type->kind) {
    case RF_AVRO_RECORD:
        return read_record(decoder, w, c);
    case RF_AVRO_UNION:
        return read_union(decoder, w, c);
    case RF_AVRO_ARRAY:
        return read_array(decoder, w, c);
    case RF_AVRO_MAP:
        return read_map(decoder, w, c);
    default:
        return read_plain(decoder, w->name, type, c);
    }
}

/* ---- a record ---- */

static rf_status outcome(rf_avro_decoder *decoder, const rf_avro_cursor *c)
{
    int64_t byte = (c->at - decoder->record) + (int64_t)decoder->before;
    decoder->n_items = decoder->next_item = 0;
    if (decoder->refused != RF_OK)
        return decoder->refused;
    return rf_reject_set(decoder->reject, RF_REJECT_BAD_AVRO, byte, "byte %lld: %s", (long long)byte, c->why);
}

rf_status rf_avro_decode(rf_raw *raws, rf_avro_decoder *decoder, const rf_avro_plan *plan, rf_span record,
                         size_t before, size_t *used, rf_reject *reject, rf_err *err)
{
    rf_avro_cursor c = rf_avro_cursor_of(record);
    decoder->plan = plan;
    decoder->raws = raws;
    decoder->record = c.at;
    decoder->end = c.end;
    decoder->before = before;
    decoder->reject = reject;
    decoder->err = err;
    decoder->refused = RF_OK;
    decoder->had_list = false;
    decoder->n_items = decoder->next_item = 0;
    for (int i = 0; i < decoder->names->n_names; i++)
        raws[i].kind = RF_RAW_ABSENT; /* those that are not of the body are filled later */
    if (used != NULL)
        *used = 0;
    if (!read_or_pass(decoder, plan->root, rf_avro_type_at(plan->schema, plan->schema->root), &c))
        return outcome(decoder, &c);
    if (used != NULL) {
        *used = (size_t)(c.at - decoder->record);
        return RF_OK;
    }
    if (c.at < c.end) {
        (void)rf_avro_fail(&c, "the record ends before the bytes do; was it written with another schema?");
        return outcome(decoder, &c);
    }
    return RF_OK;
}

bool rf_avro_had_list(const rf_avro_decoder *decoder)
{
    return decoder->had_list;
}

bool rf_avro_has_item(const rf_avro_decoder *decoder)
{
    return decoder->next_item < decoder->n_items;
}

rf_status rf_avro_item(rf_raw *raws, rf_avro_decoder *decoder, rf_reject *reject, rf_err *err)
{
    rf_avro_cursor c = {decoder->items[decoder->next_item++], decoder->end, NULL};
    decoder->raws = raws;
    decoder->reject = reject;
    decoder->err = err;
    decoder->refused = RF_OK;
    for (int i = 0; i < decoder->n_item_names; i++)
        raws[decoder->item_names[i]].kind = RF_RAW_ABSENT;
    if (read_value(decoder, decoder->each, &c))
        return RF_OK;
    size_t n = decoder->n_items, next = decoder->next_item; /* the others may well be fine */
    rf_status st = outcome(decoder, &c);
    decoder->n_items = n;
    decoder->next_item = next;
    return st;
}
