/* simulate_config.c - the configuration that reads simulated events and does the whole run: one commented
 * YAML text.
 *
 * The keys are those of the contract; what they mean to the graph and the model is explained where a reader
 * will look, in the text itself. configs/simulated-kinds.yaml is this text for the default options,
 * configs/simulated-orders.yaml for merchants alone.
 */
#include "rf_simulate.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_time.h"

static const char head[] =
    "# The whole job on simulated orders: build the graph, train, score, emit.\n"
    "#\n"
    "#   ringfence simulate --events %lld --seed %llu --output %s%s --write-config ORDERS.yaml\n"
    "#   ringfence run --config ORDERS.yaml\n"
    "#\n"
    "# One file serves every verb; each reads the parts that concern it, and flags win over it.\n"
    "# docs/CONFIGURATION.md has every key.\n"
    "\n"
    "source:\n"
    "  type: files\n"
    "  # globs, read in the order given; plain, .gz or .zst\n"
    "  paths: [%s]\n"
    "  # by name (.jsonl, .csv), else by content\n"
    "  format: auto\n";

static const char one_kind[] = "  entity: entity\n";

static const char five_kinds[] =
    "  # What an order meets, comes from, is paid with and goes to: the engine counts who shares what. The "
    "first is "
    "the main\n"
    "  # kind: every event has one. An event that lacks another one is read without it.\n"
    "  entities:\n"
    "    merchant: entity\n"
    "    device: device\n"
    "    card: card\n"
    "    # some write theirs in small letters, in capitals or with two blanks\n"
    "    address: {fields: [street, zip], normalise: [lower, squeeze]}\n"
    "    # A home keeps its 56 bits of IPv6. Behind the few addresses of mobile networks are hundreds of "
    "strangers "
    "each: they stay in\n"
    "    # the counts, but carry no messages.\n"
    "    ip: {field: ip, normalise: [ip_prefix 32/56], hub_percentile: 0.998}\n";

static const char roles[] = "  time: {field: time, format: iso8601, zone: UTC}\n"
                            "  # an event whose id was seen before is counted once\n"
                            "  event_id: event_id\n"
                            "  # the planted truth: evaluate reads it, the model never does\n"
                            "  label: label\n"
                            "  fraud_type: fraud_type\n"
                            "  attributes:\n";

/* The attributes, and with five kinds, the kinds whose edges carry them besides the merchant's. */
static const struct attribute {
    const char *comment, *name, *type, *of;
    bool only_one_kind;
} attributes[] = {
    {"what was paid, and what a coupon paid; sums have long tails, so their features are logarithms",
     "amount", "number, log1p: true", "device, card, address, ip", false},
    {NULL, "promo", "number, log1p: true", "device, address", false},
    {"money back, and payments that the bank refused: their means are shares", "refund", "boolean",
     "card, address", false},
    {NULL, "declined", "boolean", "device, card, ip", false},
    {"1 to 5 stars, on few events only: shares of each say more than a mean of so few", "rating",
     "category, top: 5, required: false", NULL, false},
    {"the device's id: how many users share it is counted; as a kind of entity it would connect them, too",
     "device", "category, top: 1", NULL, true},
    {"how long the account had been open", "account_days", "number, log1p: true", "device, card, address, ip",
     false},
    {"app, web, pos, api", "channel", "category, top: 4", NULL, false},
    {"six home markets; what is rarer is \"other\"", "country", "category, top: 6", "device, card, ip",
     false},
};

static const char graph[] =
    "\n"
    "graph:\n"
    "  file: graph.h5\n"
    "  # an edge is a user and an entity with all their events; \"event\" makes an edge of each event\n"
    "  granularity: pair\n"
    "  # the whole simulated period; nothing at or after as_of is seen\n"
    "  window: %dd\n"
    "  as_of: \"%s\"\n"
    "  bucket: 1h\n"
    "  # For evaluate: a user, entity or pair counts as fraudulent when more than this share of its events "
    "is. Frauds\n"
    "  # are a hundredth of all events, and members of a ring have an ordinary life beside it.\n"
    "  label_share: 0.02\n";

static const char rest[] =
    "\n"
    "ingest:\n"
    "  # above this share of bad records the job stops with status 3\n"
    "  max_rejects: 0.01\n"
    "  dead_letters: rejects.jsonl\n"
    "\n"
    "train:\n"
    "  # longer training learns the frauds too, and misses more of them; auto stops when that begins\n"
    "  epochs: auto\n"
    "  lr: 0.01\n"
    "  # weight of the structure decoder beside the features\n"
    "  eta: 0.2\n"
    "  seed: 0\n"
    "\n"
    "score:\n"
    "  # only for method graphbean: a node's score is its own error and its worst edge's score; \"mean\" "
    "takes its average edge\n"
    "  agg: max\n"
    "  frozen: false\n"
    "\n"
    "emit:\n"
    "  to: jsonl\n"
    "  path: actions.jsonl\n"
    "  # the worst users, entities and edges, each among their own kind\n"
    "  threshold: {percentile: 0.995}\n"
    "\n"
    "# graph.h5, model.h5, scores.h5, actions.jsonl, ring.svg and summary.json are written here\n"
    "output: %s\n";

/* text as a double-quoted YAML scalar (JSON's escapes are YAML's). */
static rf_status quoted(rf_text *out, const char *text, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_add(out, "\"", 1, err));
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f)
            RF_TRY(rf_text_printf(out, err, "\\x%02x", c));
        else if (c == '"' || c == '\\')
            RF_TRY(rf_text_printf(out, err, "\\%c", c));
        else
            RF_TRY(rf_text_add(out, text, 1, err));
    }
    RF_TRY(rf_text_add(out, "\"", 1, err));
done:
    return st;
}

static rf_status add_fields(rf_text *text, bool five, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(text, err, "\nfields:\n  user: user\n%s%s", five ? five_kinds : one_kind, roles));
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        const struct attribute *attribute = &attributes[i];
        if (five && attribute->only_one_kind)
            continue;
        if (attribute->comment != NULL)
            RF_TRY(rf_text_printf(text, err, "    # %s\n", attribute->comment));
        RF_TRY(rf_text_printf(text, err, "    %s: {type: %s", attribute->name, attribute->type));
        if (five && attribute->of != NULL)
            RF_TRY(rf_text_printf(text, err, ", of: [merchant, %s]", attribute->of));
        RF_TRY(rf_text_printf(text, err, "}\n"));
    }
done:
    return st;
}

char *rf_simulate_config(const rf_simulate_options *options, const char *events_path, const char *output,
                         rf_err *err)
{
    rf_status st = RF_OK;
    rf_text path = {0}, folder = {0}, text = {0};
    char *config = NULL, as_of[RF_TIME_TEXT];

    RF_TRY(quoted(&path, events_path, err));
    RF_TRY(quoted(&folder, output, err));
    rf_time_format(as_of, options->start_us + options->days * RF_DAY_US);
    RF_TRY(rf_text_printf(&text, err, head, (long long)options->events, (unsigned long long)options->seed,
                          path.ptr, options->five_kinds ? "" : " --kinds one", path.ptr));
    RF_TRY(add_fields(&text, options->five_kinds, err));
    RF_TRY(rf_text_printf(&text, err, graph, options->days, as_of));
    RF_TRY(rf_text_printf(&text, err, rest, folder.ptr));
    config = rf_mem_text(text.ptr, text.len, err);
done:
    rf_text_clear(&path);
    rf_text_clear(&folder);
    rf_text_clear(&text);
    return st < 0 ? NULL : config;
}
