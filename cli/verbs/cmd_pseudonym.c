/* cmd_pseudonym.c - from ids to their pseudonyms, and back for who holds the key.
 *
 * A pseudonym cannot be turned back. Who has the key and a list of candidates, such as the table of
 * customers, can compute the pseudonym of each and compare. Nothing that would lead back is stored.
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
    {"reveal", "FILE", NULL, "Candidates, an id a line: those whose pseudonyms are given are printed."},
    {"key", "FILE", "ids.pseudonymise.key_file", NULL},
    {0},
};

/* A line "KIND, tab, ID, tab, PSEUDONYM". */
static rf_status add_line(rf_text *out, rf_side side, rf_span id, const char *pseudonym, rf_err *err)
{
    return rf_text_printf(out, err, "%s\t%.*s\t%s\n", rf_side_name(side), (int)id.len, id.ptr, pseudonym);
}

static rf_status print_given(rf_text *out, const rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    char pseudonym[RF_PSEUDONYM];
    for (int i = 0; i < cli->args.n_given; i++) {
        const rf_given *given = &cli->args.given[i];
        bool user = strcmp(given->opt->name, "user") == 0;
        if (!user && strcmp(given->opt->name, "entity") != 0)
            continue;
        rf_side side = user ? RF_USER : RF_ENTITY;
        rf_span id = {given->value, strlen(given->value)};
        RF_TRY(rf_pseudonym(pseudonym, cli->job.settings->pseudonym_key, rf_side_name(side), id.ptr, id.len,
                            err));
        RF_TRY(add_line(out, side, id, pseudonym, err));
    }
done:
    return st;
}

/* ---- the way back ---- */

typedef struct reveal {
    rf_hash_key *key;
    rf_idmap *wanted;
    rf_text *out;
    uint32_t found;
} reveal;

static rf_status look_at(void *context, int64_t line, rf_span text, rf_line_fate *fate, rf_text *replacement,
                         rf_err *err)
{
    rf_status st = RF_OK;
    reveal *r = context;
    char pseudonym[RF_PSEUDONYM];
    (void)line;
    (void)replacement;
    *fate = RF_LINE_KEEP;
    if (text.len == 0 || text.len > RF_MAX_ID_BYTES)
        return RF_OK;
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        RF_TRY(rf_pseudonym(pseudonym, r->key, rf_side_name(side), text.ptr, text.len, err));
        if (rf_idmap_find(r->wanted, pseudonym, strlen(pseudonym)) == RF_NO_ID)
            continue;
        RF_TRY(add_line(r->out, side, text, pseudonym, err));
        r->found++;
    }
done:
    return st;
}

static rf_status print_revealed(rf_text *out, const rf_cli *cli, const char *candidates, rf_err *err)
{
    rf_status st = RF_OK;
    reveal r = {.key = cli->job.settings->pseudonym_key, .out = out};
    const rf_line_judge judge = {look_at, &r};
    int64_t changed;
    uint32_t id;
    RF_TRY(rf_idmap_new(&r.wanted, err));
    for (int i = 0; i < cli->args.n_rest; i++)
        RF_TRY(rf_idmap_intern(r.wanted, cli->args.rest[i], strlen(cli->args.rest[i]), &id, NULL, err));
    RF_TRY(rf_lines_judge(&changed, candidates, &judge, err));
    if (r.found < rf_idmap_count(r.wanted))
        rf_log(RF_LOG_WARN, "%u of %u pseudonyms are of no candidate in %s",
               rf_idmap_count(r.wanted) - r.found, rf_idmap_count(r.wanted), candidates);
done:
    rf_idmap_free(r.wanted);
    return st;
}

rf_status rf_cmd_pseudonym(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text out = {0};
    const char *candidates = rf_args_value(&cli->args, "reveal");
    if (cli->job.settings->pseudonym_key == NULL)
        RF_FAIL(err, RF_E_INVALID,
                "ids.pseudonymise.key_file is not set; name the configuration with --config, or the key with "
                "--key");
    if (candidates == NULL && cli->args.n_rest > 0)
        RF_FAIL(err, RF_E_INVALID, "a pseudonym is revealed among candidates: --reveal FILE, an id a line");
    RF_TRY(rf_text_add(&out, "", 0, err));
    RF_TRY(print_given(&out, cli, err));
    if (candidates != NULL)
        RF_TRY(print_revealed(&out, cli, candidates, err));
    RF_TRY(rf_cli_print(&out, err));
done:
    rf_text_clear(&out);
    return st;
}
