/* simulate_print.c - a simulated event as one JSON line or one CSV row.
 *
 * Millions of lines a second are wanted: the room for a whole line is reserved once, then bytes are only
 * stored. The simulator's own names need no escaping, but any text given is written correctly.
 */
#include "rf_simulate.h"

#include <string.h>

#include "rf_mem.h"
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

static char *put_json_text(char *at, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    *at++ = '"';
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
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

static char *put_csv_text(char *at, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL)
        return put(at, text, strlen(text));
    *at++ = '"';
    for (; *text != '\0'; text++) {
        if (*text == '"')
            *at++ = '"';
        *at++ = *text;
    }
    *at++ = '"';
    return at;
}

static char *put_bool(char *at, int value)
{
    return value ? PUT(at, "true") : PUT(at, "false");
}

/* Room for the line, whatever its texts hold (a byte becomes six at most). Returns where to write. */
static char *room(rf_text *text, const rf_simulated_event *e, rf_err *err)
{
    size_t bytes = strlen(e->event_id) + strlen(e->user) + strlen(e->entity) + strlen(e->kind) +
                   strlen(e->channel) + strlen(e->device) + strlen(e->country) + strlen(e->fraud_type) +
                   strlen(e->look_alike);
    if (rf_mem_reserve((void **)&text->ptr, &text->cap, text->len + 6 * bytes + LINE_OVERHEAD, 1, err) < 0)
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
    char *at = room(text, e, err);
    if (at == NULL)
        return RF_E_NOMEM;
    at = put_json_text(PUT(at, "{\"event_id\":"), e->event_id);
    at = put_time(PUT(at, ",\"time\":\""), e->time_us);
    at = put_json_text(PUT(at, "\",\"user\":"), e->user);
    at = put_json_text(PUT(at, ",\"entity\":"), e->entity);
    at = put_cents(PUT(at, ",\"amount\":"), e->amount_cents);
    at = put_cents(PUT(at, ",\"promo\":"), e->promo_cents);
    at = put_json_text(PUT(at, ",\"kind\":"), e->kind);
    at = put_json_text(PUT(at, ",\"channel\":"), e->channel);
    at = put_json_text(PUT(at, ",\"device\":"), e->device);
    at = put_int(PUT(at, ",\"device_accounts\":"), e->device_accounts);
    at = put_int(PUT(at, ",\"account_days\":"), e->account_days);
    at = put_json_text(PUT(at, ",\"country\":"), e->country);
    at = put_bool(PUT(at, ",\"refund\":"), e->is_refund);
    at = put_bool(PUT(at, ",\"declined\":"), e->is_declined);
    if (e->rating != 0)
        at = put_int(PUT(at, ",\"rating\":"), e->rating);
    at = put_int(PUT(at, ",\"label\":"), e->label);
    at = put_json_text(PUT(at, ",\"fraud_type\":"), e->fraud_type);
    at = put_int(PUT(at, ",\"ring\":"), e->ring);
    at = put_json_text(PUT(at, ",\"look_alike\":"), e->look_alike);
    finish(text, PUT(at, "}"));
    return RF_OK;
}

const char *rf_simulate_csv_header(void)
{
    return "event_id,time,user,entity,amount,promo,kind,channel,device,device_accounts,account_days,"
           "country,refund,declined,rating,label,fraud_type,ring,look_alike\n";
}

rf_status rf_simulate_print_csv(rf_text *text, const rf_simulated_event *e, rf_err *err)
{
    char *at = room(text, e, err);
    if (at == NULL)
        return RF_E_NOMEM;
    at = put_csv_text(at, e->event_id);
    at = put_time(PUT(at, ","), e->time_us);
    at = put_csv_text(PUT(at, ","), e->user);
    at = put_csv_text(PUT(at, ","), e->entity);
    at = put_cents(PUT(at, ","), e->amount_cents);
    at = put_cents(PUT(at, ","), e->promo_cents);
    at = put_csv_text(PUT(at, ","), e->kind);
    at = put_csv_text(PUT(at, ","), e->channel);
    at = put_csv_text(PUT(at, ","), e->device);
    at = put_int(PUT(at, ","), e->device_accounts);
    at = put_int(PUT(at, ","), e->account_days);
    at = put_csv_text(PUT(at, ","), e->country);
    at = put_bool(PUT(at, ","), e->is_refund);
    at = put_bool(PUT(at, ","), e->is_declined);
    at = PUT(at, ",");
    if (e->rating != 0)
        at = put_int(at, e->rating);
    at = put_int(PUT(at, ","), e->label);
    at = put_csv_text(PUT(at, ","), e->fraud_type);
    at = put_int(PUT(at, ","), e->ring);
    at = put_csv_text(PUT(at, ","), e->look_alike);
    finish(text, at);
    return RF_OK;
}
