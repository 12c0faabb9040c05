/* cmd_pseudonym.c - from ids to their pseudonyms, and back for who holds the key.
 *
 * Pseudonyms are those of ids.pseudonymise, or hashes by `sha256` of normalise, of ids as events have them.
 * One cannot be turned back. Who has the key and a list of candidates, such as the table of customers, can
 * compute the pseudonym of each and compare. Nothing that would lead back is stored.
 */
#include <stdio.h>
#include <string.h>

#include "cli_int.h"
#include "rf_event.h"
#include "rf_idmap.h"
#include "rf_lines.h"
#include "rf_log.h"

const rf_opt rf_opts_pseudonym[] = {
    {"user", "ID", NULL, "A user's id; may be given several times."},
    {"entity", "ID", NULL, "An entity's id; may be given several times."},
    {"kind", "NAME", NULL, "Of which kind of fields.entities the entities are; else of the first."},
    {"reveal", "FILE", NULL, "Candidates, an id a line: those whose pseudonyms are given are printed."},
    {"key", "FILE", "ids.pseudonymise.key_file", NULL},
    {0},
};

/* What users and entities are called in place of their ids. */
typedef struct namer {
    rf_hash_key *key; /* borrowed; NULL: the spelling alone names them */
    const rf_fields *fields;
    int n_kinds;
    rf_speller *spellers[RF_SIDES_MOST]; /* of users, and of entities of each kind */
    bool hides[RF_SIDES_MOST];           /* the side's ids are not what it is called */
    char pseudonym[RF_PSEUDONYM];
} namer;

static void namer_clear(namer *n)
{
    rf_speller_free(n->spellers[RF_USER]);
    for (int k = 0; k < n->n_kinds; k++)
        rf_speller_free(n->spellers[rf_entity_side(k)]);
}

static rf_status add_speller(namer *n, rf_side side, rf_err *err)
{
    n->hides[side] = n->key != NULL || rf_fields_hide_ids(n->fields, side);
    return rf_speller_new(&n->spellers[side], n->fields, side, err);
}

static rf_status namer_init(namer *n, const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    *n = (namer){.key = settings->pseudonym_key, .fields = &settings->source.fields};
    n->n_kinds = rf_fields_kinds(n->fields);
    RF_TRY(add_speller(n, RF_USER, err));
    bool hides = n->hides[RF_USER];
    for (int k = 0; k < n->n_kinds; k++) {
        RF_TRY(add_speller(n, rf_entity_side(k), err));
        hides = hides || n->hides[rf_entity_side(k)];
    }
    if (!hides)
        RF_FAIL(err, RF_E_INVALID,
                "ids.pseudonymise.key_file is not set; name the configuration with --config, or the key with "
                "--key");
done:
    return st;
}

/* *name lies in the namer until the next call. RF_SKIPPED: no event can have this id. */
static rf_status name_of(rf_span *name, namer *n, rf_side side, rf_span id, rf_err *err)
{
    rf_status st = RF_OK;
    *name = id;
    RF_TRY(rf_speller_spell(n->spellers[side], name, err));
    if (st == RF_SKIPPED || n->key == NULL)
        return st;
    RF_TRY(rf_pseudonym(n->pseudonym, n->key, rf_side_name(side), name->ptr, name->len, err));
    *name = (rf_span){n->pseudonym, RF_PSEUDONYM - 1};
done:
    return st;
}

/* "user", "entity", or the kind's name. */
static const char *word_of(const namer *n, rf_side side)
{
    const rf_schema *schema = n->fields->schema;
    return side == RF_USER || schema->n_kinds == 0 ? rf_side_name(side)
                                                   : schema->kinds[rf_side_kind(side)].name;
}

/* A line "KIND, tab, ID, tab, PSEUDONYM". */
static rf_status add_line(rf_text *out, const namer *n, rf_side side, rf_span id, rf_span name, rf_err *err)
{
    return rf_text_printf(out, err, "%s\t%.*s\t%.*s\n", word_of(n, side), (int)id.len, id.ptr, (int)name.len,
                          name.ptr);
}

/* The side that --kind names. */
static rf_status side_of_kind(rf_side *side, const rf_args *args, const namer *n, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = rf_args_value(args, "kind");
    const rf_schema *schema = n->fields->schema;
    int k = 0;
    while (name != NULL && k < schema->n_kinds && strcmp(schema->kinds[k].name, name) != 0)
        k++;
    if (name != NULL && k == schema->n_kinds)
        RF_FAIL(err, RF_E_INVALID, "--kind: \"%s\" is no kind of fields.entities%s%s", name,
                k > 0 ? "; the first is " : "", k > 0 ? schema->kinds[0].name : "");
    *side = rf_entity_side(k);
done:
    return st;
}

static rf_status print_given(rf_text *out, const rf_args *args, namer *n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_span name;
    rf_side of_entities = RF_ENTITY;
    RF_TRY(side_of_kind(&of_entities, args, n, err));
    for (int i = 0; i < args->n_given; i++) {
        const rf_given *given = &args->given[i];
        bool user = strcmp(given->opt->name, "user") == 0;
        if (!user && strcmp(given->opt->name, "entity") != 0)
            continue;
        rf_side side = user ? RF_USER : of_entities;
        rf_span id = {given->value, strlen(given->value)};
        RF_TRY(name_of(&name, n, side, id, err));
        if (st == RF_SKIPPED)
            RF_FAIL(err, RF_E_INVALID, "--%s: the words of normalise refuse \"%s\": no event has such an id",
                    given->opt->name, given->value);
        RF_TRY(add_line(out, n, side, id, name, err));
    }
done:
    return st;
}

/* ---- the way back ---- */

typedef struct reveal {
    namer *names;
    rf_idmap *wanted, *found;
    uint32_t last; /* of the wanted, that the candidate is: kinds that spell alike call it the same */
    rf_text *out;
} reveal;

/* Is the candidate, as a side's, one of those that are wanted? */
static rf_status look_as(reveal *r, rf_side side, rf_span text, rf_err *err)
{
    rf_status st = RF_OK;
    rf_span name;
    uint32_t id;
    if (!r->names->hides[side])
        return RF_OK;
    RF_TRY(name_of(&name, r->names, side, text, err));
    if (st == RF_SKIPPED)
        return RF_OK;
    uint32_t is = rf_idmap_find(r->wanted, name.ptr, name.len);
    if (is == RF_NO_ID || is == r->last)
        return RF_OK;
    r->last = is;
    RF_TRY(add_line(r->out, r->names, side, text, name, err));
    RF_TRY(rf_idmap_intern(r->found, name.ptr, name.len, &id, NULL, err));
done:
    return st;
}

static rf_status look_at(void *context, int64_t line, rf_span text, rf_line_fate *fate, rf_text *replacement,
                         rf_err *err)
{
    rf_status st = RF_OK;
    reveal *r = context;
    (void)line;
    (void)replacement;
    *fate = RF_LINE_KEEP;
    if (text.len == 0 || text.len > RF_MAX_ID_BYTES)
        return RF_OK;
    r->last = RF_NO_ID;
    RF_TRY(look_as(r, RF_USER, text, err));
    for (int k = 0; k < r->names->n_kinds; k++)
        RF_TRY(look_as(r, rf_entity_side(k), text, err));
done:
    return st;
}

static rf_status print_revealed(rf_text *out, const rf_args *args, namer *n, const char *candidates,
                                rf_err *err)
{
    rf_status st = RF_OK;
    reveal r = {.names = n, .out = out};
    const rf_line_judge judge = {look_at, &r};
    int64_t changed;
    uint32_t id;
    RF_TRY(rf_idmap_new(&r.wanted, err));
    RF_TRY(rf_idmap_new(&r.found, err));
    for (int i = 0; i < args->n_rest; i++)
        RF_TRY(rf_idmap_intern(r.wanted, args->rest[i], strlen(args->rest[i]), &id, NULL, err));
    RF_TRY(rf_lines_judge(&changed, candidates, &judge, err));
    if (rf_idmap_count(r.found) < rf_idmap_count(r.wanted))
        rf_log(RF_LOG_WARN, "%u of %u pseudonyms are of no candidate in %s",
               rf_idmap_count(r.wanted) - rf_idmap_count(r.found), rf_idmap_count(r.wanted), candidates);
done:
    rf_idmap_free(r.found);
    rf_idmap_free(r.wanted);
    return st;
}

rf_status rf_cmd_pseudonym(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text out = {0};
    namer names;
    const char *candidates = rf_args_value(&cli->args, "reveal");
    RF_TRY(namer_init(&names, cli->job.settings, err));
    if (candidates == NULL && cli->args.n_rest > 0)
        RF_FAIL(err, RF_E_INVALID, "a pseudonym is revealed among candidates: --reveal FILE, an id a line");
    RF_TRY(rf_text_add(&out, "", 0, err));
    RF_TRY(print_given(&out, &cli->args, &names, err));
    if (candidates != NULL)
        RF_TRY(print_revealed(&out, &cli->args, &names, candidates, err));
    RF_TRY(rf_cli_print(&out, err));
done:
    namer_clear(&names);
    rf_text_clear(&out);
    return st;
}
