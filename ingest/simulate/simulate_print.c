/* simulate_print.c - a simulated event as one JSON line or one CSV row.
 *
 * Millions of lines a second are wanted: the room for a whole line is reserved once, then bytes are only
 * stored. The simulator's own names need no escaping, but any text given is written correctly.
 */
#include "rf_simulate.h"

#include <stdbool.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_span.h"
#include "rf_time.h"

enum { LINE_OVERHEAD = 640 }; /* keys, punctuation, numbers, the time: everything but the texts */

static char *put(char *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    return at + len;
}
#define PUT(at, literal) put(at, literal, sizeof(literal) - 1)

static char *put_int(char *at, int64_t value)
{
    char buffer[24], *end = buffer + sizeof buffer, *first = end;
    uint64_t n = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--first = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    if (value < 0)
        *--first = '-';
    return put(at, first, (size_t)(end - first));
}

static char *put_two(char *at, int n)
{
    at[0] = (char)('0' + n / 10);
    at[1] = (char)('0' + n % 10);
    return at + 2;
}

/* 1250 as 12.5, 1200 as 12 */
static char *put_cents(char *at, int64_t cents)
{
    int64_t whole = cents / 100, rest = cents % 100;
    if (cents < 0) {
        *at++ = '-';
        whole = -whole;
        rest = -rest;
    }
    at = put_int(at, whole);
    if (rest == 0)
        return at;
    *at++ = '.';
    *at++ = (char)('0' + rest / 10);
    if (rest % 10 != 0)
        *at++ = (char)('0' + rest % 10);
    return at;
}

/* 2026-01-01T12:34:56.789Z */
static char *put_time(char *at, int64_t time_us)
{
    int64_t days = time_us / RF_DAY_US, in_day = time_us % RF_DAY_US, year = 0;
    int month = 0, day = 0;
    if (in_day < 0) {
        in_day += RF_DAY_US;
        days--;
    }
    rf_civil_from_days(days, &year, &month, &day);
    int ms = (int)(in_day / 1000), s = ms / 1000;
    at = put_two(at, (int)(year / 100 % 100));
    at = put_two(at, (int)(year % 100));
    *at++ = '-';
    at = put_two(at, month);
    *at++ = '-';
    at = put_two(at, day);
    *at++ = 'T';
    at = put_two(at, s / 3600);
    *at++ = ':';
    at = put_two(at, s / 60 % 60);
    *at++ = ':';
    at = put_two(at, s % 60);
    *at++ = '.';
    *at++ = (char)('0' + ms % 1000 / 100);
    at = put_two(at, ms % 100);
    *at++ = 'Z';
    return at;
}

/* Is none of eight bytes a control, a quote or a backslash? No is right only mostly, yes always. */
static bool is_plain(uint64_t eight)
{
    const uint64_t ones = UINT64_MAX / 255, tops = ones << 7;
    uint64_t quotes = eight ^ (ones * '"'), slashes = eight ^ (ones * '\\');
    uint64_t odd =
        ((eight - ones * 0x20) & ~eight) | ((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes);
    return (odd & tops) == 0;
}

/* Copies eight bytes at a time, the last eight overlapping, and stops at what must be escaped. Returns how
 * many are copied. */
static size_t put_plain(char *at, rf_span text)
{
    uint64_t eight;
    size_t done = 0;
    if (text.len >= 4 && text.len < 8) {
        uint32_t first, last;
        memcpy(&first, text.ptr, 4);
        memcpy(&last, text.ptr + text.len - 4, 4);
        if (!is_plain((uint64_t)last << 32 | first))
            return 0;
        memcpy(at, &first, 4);
        memcpy(at + text.len - 4, &last, 4);
        return text.len;
    }
    while (text.len >= 8 && done < text.len) {
        size_t from = done + 8 <= text.len ? done : text.len - 8;
        memcpy(&eight, text.ptr + from, 8);
        if (!is_plain(eight))
            return done;
        memcpy(at + from, &eight, 8);
        done = from + 8;
    }
    return done;
}

static char *put_json_text(char *at, rf_span text)
{
    static const char hex[] = "0123456789abcdef";
    *at++ = '"';
    size_t i = put_plain(at, text);
    for (at += i; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20) {
            at = PUT(at, "\\u00");
            *at++ = hex[c >> 4];
            *at++ = hex[c & 15];
            continue;
        }
        if (c == '"' || c == '\\')
            *at++ = '\\';
        *at++ = (char)c;
    }
    *at++ = '"';
    return at;
}

static char *put_csv_text(char *at, rf_span text)
{
    bool quoted = false;
    if (text.len == 0)
        return at;
    for (size_t i = 0; i < text.len; i++)
        quoted |= text.ptr[i] == ',' || text.ptr[i] == '"' || text.ptr[i] == '\r' || text.ptr[i] == '\n';
    if (!quoted)
        return put(at, text.ptr, text.len);
    *at++ = '"';
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            *at++ = '"';
        *at++ = text.ptr[i];
    }
    *at++ = '"';
    return at;
}

static char *put_bool(char *at, int value)
{
    return value ? PUT(at, "true") : PUT(at, "false");
}

/* An event's texts with their lengths. */
typedef struct texts {
    rf_span event_id, user, entity, kind, channel, device, country, fraud_type, look_alike;
    rf_span card, ip, street, zip, review; /* ptr NULL: it has none */
} texts;

static rf_span span_of(const char *text, size_t *bytes)
{
    rf_span span = {text, text == NULL ? 0 : strlen(text)};
    *bytes += span.len;
    return span;
}

/* Room for the line, whatever its texts hold (a byte becomes six at most). Returns where to write. */
static char *room(rf_text *text, texts *t, const rf_simulated_event *e, rf_err *err)
{
    size_t n = 0;
    *t = (texts){.event_id = span_of(e->event_id, &n),
                 .user = span_of(e->user, &n),
                 .entity = span_of(e->entity, &n),
                 .kind = span_of(e->kind, &n),
                 .channel = span_of(e->channel, &n),
                 .device = span_of(e->device, &n),
                 .country = span_of(e->country, &n),
                 .fraud_type = span_of(e->fraud_type, &n),
                 .look_alike = span_of(e->look_alike, &n),
                 .card = span_of(e->card, &n),
                 .ip = span_of(e->ip, &n),
                 .street = span_of(e->street, &n),
                 .zip = span_of(e->zip, &n),
                 .review = span_of(e->review, &n)};
    if (rf_mem_reserve((void **)&text->ptr, &text->cap, text->len + 6 * n + LINE_OVERHEAD, 1, err) < 0)
        return NULL;
    return text->ptr + text->len;
}

static void finish(rf_text *text, char *at)
{
    *at++ = '\n';
    *at = '\0';
    text->len = (size_t)(at - text->ptr);
}

rf_status rf_simulate_print_json(rf_text *text, const rf_simulated_event *e, rf_err *err)
{
    texts t;
    char *at = room(text, &t, e, err);
    if (at == NULL)
        return RF_E_NOMEM;
    at = put_json_text(PUT(at, "{\"event_id\":"), t.event_id);
    at = put_time(PUT(at, ",\"time\":\""), e->time_us);
    at = put_json_text(PUT(at, "\",\"user\":"), t.user);
    at = put_json_text(PUT(at, ",\"entity\":"), t.entity);
    at = put_cents(PUT(at, ",\"amount\":"), e->amount_cents);
    at = put_cents(PUT(at, ",\"promo\":"), e->promo_cents);
    at = put_json_text(PUT(at, ",\"kind\":"), t.kind);
    at = put_json_text(PUT(at, ",\"channel\":"), t.channel);
    at = put_json_text(PUT(at, ",\"device\":"), t.device);
    at = put_int(PUT(at, ",\"account_days\":"), e->account_days);
    at = put_json_text(PUT(at, ",\"country\":"), t.country);
    at = put_bool(PUT(at, ",\"refund\":"), e->is_refund);
    at = put_bool(PUT(at, ",\"declined\":"), e->is_declined);
    if (e->rating != 0)
        at = put_int(PUT(at, ",\"rating\":"), e->rating);
    at = put_int(PUT(at, ",\"label\":"), e->label);
    at = put_json_text(PUT(at, ",\"fraud_type\":"), t.fraud_type);
    at = put_int(PUT(at, ",\"ring\":"), e->ring);
    at = put_json_text(PUT(at, ",\"look_alike\":"), t.look_alike);
    if (t.card.ptr != NULL)
        at = put_json_text(PUT(at, ",\"card\":"), t.card);
    if (t.ip.ptr != NULL)
        at = put_json_text(PUT(at, ",\"ip\":"), t.ip);
    if (t.street.ptr != NULL)
        at = put_json_text(PUT(at, ",\"street\":"), t.street);
    if (t.zip.ptr != NULL)
        at = put_json_text(PUT(at, ",\"zip\":"), t.zip);
    if (t.review.ptr != NULL)
        at = put_json_text(PUT(at, ",\"review\":"), t.review);
    finish(text, PUT(at, "}"));
    return RF_OK;
}

const char *rf_simulate_csv_header(void)
{
    return "event_id,time,user,entity,amount,promo,kind,channel,device,account_days,country,"
           "refund,declined,rating,label,fraud_type,ring,look_alike,card,ip,street,zip,review\n";
}

rf_status rf_simulate_print_csv(rf_text *text, const rf_simulated_event *e, rf_err *err)
{
    texts t;
    char *at = room(text, &t, e, err);
    if (at == NULL)
        return RF_E_NOMEM;
    at = put_csv_text(at, t.event_id);
    at = put_time(PUT(at, ","), e->time_us);
    at = put_csv_text(PUT(at, ","), t.user);
    at = put_csv_text(PUT(at, ","), t.entity);
    at = put_cents(PUT(at, ","), e->amount_cents);
    at = put_cents(PUT(at, ","), e->promo_cents);
    at = put_csv_text(PUT(at, ","), t.kind);
    at = put_csv_text(PUT(at, ","), t.channel);
    at = put_csv_text(PUT(at, ","), t.device);
    at = put_int(PUT(at, ","), e->account_days);
    at = put_csv_text(PUT(at, ","), t.country);
    at = put_bool(PUT(at, ","), e->is_refund);
    at = put_bool(PUT(at, ","), e->is_declined);
    at = PUT(at, ",");
    if (e->rating != 0)
        at = put_int(at, e->rating);
    at = put_int(PUT(at, ","), e->label);
    at = put_csv_text(PUT(at, ","), t.fraud_type);
    at = put_int(PUT(at, ","), e->ring);
    at = put_csv_text(PUT(at, ","), t.look_alike);
    at = put_csv_text(PUT(at, ","), t.card);
    at = put_csv_text(PUT(at, ","), t.ip);
    at = put_csv_text(PUT(at, ","), t.street);
    at = put_csv_text(PUT(at, ","), t.zip);
    at = put_csv_text(PUT(at, ","), t.review);
    finish(text, at);
    return RF_OK;
}
