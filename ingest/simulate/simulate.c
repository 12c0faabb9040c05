/* simulate.c - the simulator's public face: checks the options, walks through the hours, names things, calls
 * the sink.
 *
 * Each hour's ordinary events are drawn one by one in time order (the smallest of the uniform moments still
 * to come), and the planted groups' events are merged in: nothing is ever sorted or kept. simulate_print.c
 * writes the texts.
 */
#include "rf_simulate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_time.h"
#include "simulate_plan_int.h"

static const char *const fraud_types[] = {"promo_abuse",  "collusion",        "account_farm", "card_testing",
                                          "velocity_bot", "account_takeover", "refund_abuse", "review_farm",
                                          "device_farm",  "mule_fan_in_out",  "self_dealing", NULL};

void rf_simulate_options_default(rf_simulate_options *options)
{
    *options = (rf_simulate_options){
        .events = 200000,
        .seed = 0,
        .start_us = INT64_C(1767225600) * RF_SECOND_US, /* 2026-01-01T00:00:00Z */
        .days = 30,
        .fraud_share = 0.01,
        .look_alike_share = (double)NAN,
        .resold_phones = 0.03,
        .fraud_types = "all",
        .five_kinds = true,
    };
}

/* ---- options ---- */

static rf_status check_types(const char *list, rf_err *err)
{
    rf_status st = RF_OK;
    for (const char *at = list != NULL && strcmp(list, "all") != 0 ? list : NULL; at != NULL;) {
        char word[64];
        at += strspn(at, " ");
        size_t len = strcspn(at, ", ");
        snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word), at);
        int i = 0;
        while (fraud_types[i] != NULL && strcmp(fraud_types[i], word) != 0)
            i++;
        const char *nearest = fraud_types[i] == NULL ? rf_nearest(word, fraud_types) : NULL;
        if (fraud_types[i] == NULL)
            RF_FAIL(err, RF_E_INVALID,
                    "no fraud type is called '%s'%s%s; the types are promo_abuse, collusion, account_farm, "
                    "card_testing, velocity_bot, account_takeover, refund_abuse, review_farm, device_farm, "
                    "mule_fan_in_out, self_dealing, or all",
                    word, nearest ? ": did you mean " : "", nearest ? nearest : "");
        at = strchr(at + len, ',');
        at = at == NULL ? NULL : at + 1;
    }
done:
    return st;
}

static rf_status check_options(const rf_simulate_options *o, rf_err *err)
{
    rf_status st = RF_OK;
    if (o->events < 0 || o->events > INT64_C(100000000000))
        RF_FAIL(err, RF_E_INVALID, "cannot simulate %lld events: give a number from 0 to 100000000000",
                (long long)o->events);
    if (o->days < 1 || o->days > 3660)
        RF_FAIL(err, RF_E_INVALID, "cannot simulate %d days: give a number from 1 to 3660", o->days);
    if (o->start_us % RF_HOUR_US != 0)
        RF_FAIL(err, RF_E_INVALID, "the simulation must start on a full hour");
    if (o->start_us < RF_TIME_MIN || o->start_us > RF_TIME_MAX - o->days * RF_DAY_US)
        RF_FAIL(err, RF_E_INVALID, "the simulated period must lie between the years 1900 and 2100");
    if (o->users < 0 || o->users > 500000000 || o->entities < 0 || o->entities > 500000000)
        RF_FAIL(err, RF_E_INVALID,
                "cannot simulate %lld users and %lld entities: at most 500000000 each, 0 for a fitting "
                "number",
                (long long)o->users, (long long)o->entities);
    if (!(o->fraud_share >= 0 && o->fraud_share <= 0.5))
        RF_FAIL(err, RF_E_INVALID, "cannot plant a share of %g frauds: give a number from 0 to 0.5",
                o->fraud_share);
    if (!isnan(o->look_alike_share) && !(o->look_alike_share >= 0 && o->look_alike_share <= 0.5))
        RF_FAIL(err, RF_E_INVALID, "cannot plant a share of %g look-alikes: give a number from 0 to 0.5",
                o->look_alike_share);
    if (!(o->resold_phones >= 0 && o->resold_phones <= 0.5))
        RF_FAIL(err, RF_E_INVALID,
                "cannot sell used phones to a share of %g users: give a number from 0 to 0.5",
                o->resold_phones);
    RF_TRY(check_types(o->fraud_types, err));
done:
    return st;
}

/* ---- names ---- */

static char *name(char buffer[24], char letter, uint64_t n)
{
    char *at = buffer + 23;
    *at = '\0';
    for (; n >= 100; n /= 100) {
        uint32_t two = (uint32_t)(n % 100);
        *--at = (char)('0' + two % 10);
        *--at = (char)('0' + two / 10);
    }
    *--at = (char)('0' + n % 10);
    if (n >= 10)
        *--at = (char)('0' + n / 10);
    *--at = letter;
    return at;
}

/* A device's name does not show its owner. The scrambling is invertible, so that no two share a name. */
static char *device_name(char buffer[24], uint32_t device, uint32_t key)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t x = (device ^ key) * UINT32_C(0x9e3779b1);
    x ^= x >> 15;
    x *= UINT32_C(0x85ebca77);
    x ^= x >> 13;
    buffer[0] = 'd';
    for (int i = 0; i < 8; i++)
        buffer[1 + i] = hex[x >> (28 - 4 * i) & 15];
    buffer[9] = '\0';
    return buffer;
}

typedef struct sim_run {
    rf_sim_world world;
    rf_sim_plan plan;
    rf_rng rng, traces_rng;
    rf_simulate_sink sink;
    void *context;
    uint64_t n_done;
} sim_run;

typedef struct trace_texts {
    char card[RF_SIM_CARD_TEXT], ip[RF_SIM_IP_TEXT], street[RF_SIM_STREET_TEXT], zip[RF_SIM_ZIP_TEXT];
    char review[RF_SIM_REVIEW_TEXT];
} trace_texts;

/* Adds card, IP, address and review to an event that has the rest. */
static void add_traces(sim_run *run, const rf_sim_event *event, trace_texts *texts, rf_simulated_event *out)
{
    rf_sim_traces traces;
    rf_sim_leave_traces(&run->world, &run->traces_rng, event, &traces);
    if (traces.card != 0) {
        rf_sim_card_name(texts->card, &run->world, traces.card);
        out->card = texts->card;
    }
    if (traces.ip.version != 0) {
        rf_sim_ip_name(texts->ip, &traces.ip);
        out->ip = texts->ip;
    }
    if (traces.delivered) {
        rf_sim_address(texts->street, texts->zip, &run->world, &traces);
        out->street = texts->street;
        out->zip = texts->zip;
    }
    if (traces.words.wording != RF_SIM_WORDLESS) {
        rf_sim_review(texts->review, &traces.words);
        out->review = texts->review;
    }
}

static rf_status hand_over(sim_run *run, const rf_sim_event *event, rf_err *err)
{
    char id[24], user[24], entity[24], device[24];
    trace_texts texts;
    const rf_sim_merchant *m = &run->world.merchants[event->merchant];
    rf_simulated_event out = {
        .time_us = event->time_us,
        .event_id = name(id, 'e', ++run->n_done),
        .user = name(user, 'u', (uint64_t)event->user + 1),
        .entity = name(entity, 'm', (uint64_t)m->name + 1),
        .amount_cents = event->amount_cents,
        .promo_cents = event->promo_cents,
        .kind = rf_sim_kinds[m->kind].name,
        .channel = rf_sim_channels[event->channel],
        .device = device_name(device, event->device, (uint32_t)run->world.seed),
        .account_days = rf_sim_account_days(&run->world, event),
        .country = rf_sim_country(event->country),
        .is_refund = event->refund,
        .is_declined = event->declined,
        .rating = event->rating,
        .label = event->label,
        .fraud_type = event->fraud_type,
        .ring = event->ring,
        .look_alike = event->look_alike,
    };
    add_traces(run, event, &texts, &out);
    return run->sink(run->context, &out, err);
}

/* ---- the walk through time ---- */

static rf_status hand_over_groups(sim_run *run, int64_t until_us, rf_err *err)
{
    rf_status st = RF_OK;
    while (rf_sim_plan_next_us(&run->plan) < until_us) {
        rf_sim_event event;
        rf_sim_plan_pop(&run->plan, &run->world, &event);
        RF_TRY(hand_over(run, &event, err));
    }
done:
    return st;
}

static rf_status one_hour(sim_run *run, int64_t hour_us, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    double at = 0, length = (double)RF_HOUR_US;
    for (int64_t left = n; left > 0; left--) {
        rf_sim_event event;
        at += (length - at) * (1.0 - pow(1.0 - rf_rng_uniform(&run->rng), 1.0 / (double)left));
        event.time_us = hour_us + (int64_t)fmin(at, length - 1000) / 1000 * 1000;
        RF_TRY(hand_over_groups(run, event.time_us, err));
        event.user = rf_sim_draw_user(&run->world, &run->rng, event.time_us);
        uint32_t kind = rf_sim_draw_kind(&run->world, &run->rng, event.time_us, event.user);
        event.merchant = rf_sim_draw_merchant(&run->world, &run->rng, event.time_us, event.user, kind);
        rf_sim_dress(&run->world, &run->rng, &event);
        rf_sim_own_device(&run->world, &run->rng, &event);
        RF_TRY(hand_over(run, &event, err));
    }
    RF_TRY(hand_over_groups(run, hour_us + RF_HOUR_US, err));
done:
    return st;
}

/* Each hour's number is drawn around its share of what is left, so that the last hour meets the total without
 * a jump. */
static rf_status all_hours(sim_run *run, const rf_simulate_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t left = options->events - run->plan.n_events, hours = (int64_t)options->days * 24;
    double weight_left = 0;
    for (int64_t h = 0; h < hours; h++)
        weight_left += run->world.hour_weight[rf_sim_hour_of_week(options->start_us + h * RF_HOUR_US)];
    for (int64_t h = 0; h < hours; h++) {
        int64_t hour_us = options->start_us + h * RF_HOUR_US, n = left;
        double weight = run->world.hour_weight[rf_sim_hour_of_week(hour_us)];
        if (h + 1 < hours) {
            n = rf_rng_poisson(&run->rng, (double)left * fmin(weight / weight_left, 1));
            n = n < left ? n : left;
        }
        RF_TRY(one_hour(run, hour_us, n, err));
        left -= n;
        weight_left -= weight;
    }
done:
    return st;
}

rf_status rf_simulate(const rf_simulate_options *options, rf_simulate_sink sink, void *context, rf_err *err)
{
    rf_status st = RF_OK;
    sim_run run = {.sink = sink, .context = context};

    RF_TRY(check_options(options, err));
    RF_TRY(rf_sim_world_init(&run.world, options, err));
    RF_TRY(rf_sim_plan_init(&run.plan, &run.world, options, err));
    rf_rng_init(&run.rng, options->seed, 0);
    rf_rng_init(&run.traces_rng, options->seed, 4);
    RF_TRY(all_hours(&run, options, err));
done:
    rf_sim_plan_clear(&run.plan);
    rf_sim_world_clear(&run.world);
    return st;
}
