/* opt_help.c - --help, the overview and the man page out of the tables of verbs and options. */
#include "rf_key.h"
#include "rf_opt.h"
#include "rf_table.h"

#include <string.h>

#define HELP_COLUMNS 100
#define HELP_INDENT 28

static rf_status add(rf_text *text, const char *part, rf_err *err)
{
    return rf_text_add(text, part, strlen(part), err);
}

/* Words of `part` from column `at` on, wrapped and indented; backquotes are left out. */
static rf_status add_wrapped(rf_text *text, const char *part, size_t at, size_t indent, rf_err *err)
{
    rf_status st = RF_OK;
    size_t column = at;
    for (const char *p = part; *p != '\0';) {
        size_t len = strcspn(p, " \n"), width = rf_shown_width(p, len);
        if (column > indent && column + 1 + width > HELP_COLUMNS) {
            RF_TRY(rf_text_printf(text, err, "\n%*s", (int)indent, ""));
            column = indent;
        } else if (column > indent) {
            RF_TRY(add(text, " ", err));
            column++;
        }
        RF_TRY(rf_text_add(text, p, len, err));
        column += width;
        p += len;
        if (*p == '\n') {
            RF_TRY(rf_text_printf(text, err, "\n%*s", (int)indent, ""));
            column = indent;
        }
        p += *p != '\0';
    }
    RF_TRY(add(text, "\n", err));
done:
    return st;
}

/* Backquotes mark code in the documents; a terminal goes without. */
static rf_status add_plain(rf_text *text, const char *part, rf_err *err)
{
    rf_status st = RF_OK;
    for (; *part != '\0'; part++) {
        if (*part != '`')
            RF_TRY(rf_text_add(text, part, 1, err));
    }
done:
    return st;
}

/* The description, " One of pair, event.", and " [train.lr=0.01]" or what happens without a value. */
static rf_status describe(rf_text *text, const rf_opt *opt, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_key *key = opt->key == NULL ? NULL : rf_key_find(opt->key);
    const char *about = opt->about != NULL ? opt->about : key != NULL ? key->about : "";
    RF_TRY(add_plain(text, about, err));
    if (key == NULL)
        goto done;
    if (key->type == RF_KEY_CHOICE) {
        size_t at = text->len + 1;
        RF_TRY(add(text, " ", err));
        RF_TRY(rf_key_allowed(text, key, err));
        text->ptr[at] = 'O';
        RF_TRY(add(text, ".", err));
    }
    RF_TRY(rf_text_printf(text, err, " [%s=", key->path));
    size_t before = text->len;
    RF_TRY(rf_key_default(text, key, err));
    if (text->len == before) {
        text->len--; /* the = */
        if (strcmp(key->otherwise, "none") != 0) {
            RF_TRY(add(text, "; else ", err));
            RF_TRY(add_plain(text, key->otherwise, err));
        }
    }
    RF_TRY(add(text, "]", err));
done:
    return st;
}

static rf_status add_option(rf_text *text, const rf_opt *opt, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text about = {0};
    size_t before = text->len;
    RF_TRY(add(text, "  ", err));
    if (rf_opt_letter(opt) != '\0')
        RF_TRY(rf_text_printf(text, err, "-%c, ", rf_opt_letter(opt)));
    RF_TRY(rf_text_printf(text, err, "--%s%s%s", opt->name, opt->value == NULL ? "" : " ",
                          opt->value == NULL ? "" : opt->value));
    size_t width = text->len - before;
    if (width + 2 > HELP_INDENT) {
        RF_TRY(add(text, "\n", err));
        width = 0;
    }
    RF_TRY(rf_text_printf(text, err, "%*s", (int)(HELP_INDENT - width), ""));
    RF_TRY(describe(&about, opt, err));
    RF_TRY(add_wrapped(text, about.ptr, HELP_INDENT, HELP_INDENT, err));
done:
    rf_text_clear(&about);
    return st;
}

rf_status rf_opt_help(rf_text *text, const rf_verb *verb, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(text, err, "Usage: ringfence %s [OPTION]...%s%s\n\n%s.\n", verb->name,
                          verb->arguments == NULL ? "" : " ", verb->arguments == NULL ? "" : verb->arguments,
                          verb->about));
    if (verb->detail != NULL) {
        RF_TRY(add(text, "\n", err));
        RF_TRY(add_wrapped(text, verb->detail, 0, 0, err));
    }
    if (verb->opts->name != NULL)
        RF_TRY(add(text, "\nOptions:\n", err));
    for (const rf_opt *opt = verb->opts; opt->name != NULL; opt++)
        RF_TRY(add_option(text, opt, err));
    RF_TRY(add(text, "\nOptions of every verb:\n", err));
    for (const rf_opt *opt = rf_opt_common(); opt->name != NULL; opt++)
        RF_TRY(add_option(text, opt, err));
done:
    return st;
}

static const char statuses[] = "Exit status: 0 done; 1 the work failed; 2 wrong usage or configuration; 3 "
                               "too many bad records; 130 interrupted, everything saved.";

static const char purpose[] =
    "Finds fraud rings in streams of interaction events. An event is a user that acts on an entity. All "
    "events form a bipartite graph, and a GraphBEAN autoencoder learns what is normal in it. Users, entities "
    "and edges that it reconstructs badly get high scores and become action messages.";

rf_status rf_opt_overview(rf_text *text, const rf_verb *verbs, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(add(text, "Usage: ringfence VERB [OPTION]...\n\n", err));
    RF_TRY(add_wrapped(text, purpose, 0, 0, err));
    RF_TRY(add(text, "\nVerbs:\n", err));
    for (const rf_verb *verb = verbs; verb->name != NULL; verb++) {
        RF_TRY(rf_text_printf(text, err, "  %-10s  ", verb->name));
        RF_TRY(add_wrapped(text, verb->about, 14, 14, err));
    }
    RF_TRY(add(
        text,
        "\n"
        "`ringfence VERB --help` lists a verb's options, `ringfence help config` every configuration key;\n"
        "`ringfence --version` prints the version.\n"
        "\n",
        err));
    RF_TRY(add_wrapped(text, statuses, 0, 0, err));
done:
    return st;
}

/* ---- man page ---- */

/* roff: dashes and backslashes are escaped, a leading dot or quote is shielded, backquotes are left out. */
static rf_status add_roff(rf_text *text, const char *part, rf_err *err)
{
    rf_status st = RF_OK;
    bool line_start = text->len == 0 || text->ptr[text->len - 1] == '\n';
    for (const char *p = part; *p != '\0'; p++) {
        if (line_start && (*p == '.' || *p == '\''))
            RF_TRY(add(text, "\\&", err));
        if (*p == '\\' || *p == '-')
            RF_TRY(add(text, "\\", err));
        if (*p != '`')
            RF_TRY(rf_text_add(text, *p == '\\' ? "e" : p, 1, err));
        line_start = *p == '\n';
    }
done:
    return st;
}

static rf_status add_man_options(rf_text *text, const rf_opt *opts, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text about = {0};
    for (; opts->name != NULL; opts++) {
        RF_TRY(add(text, ".TP\n.B ", err));
        if (rf_opt_letter(opts) != '\0')
            RF_TRY(rf_text_printf(text, err, "\\-%c, ", rf_opt_letter(opts)));
        RF_TRY(add(text, "\\-\\-", err));
        RF_TRY(add_roff(text, opts->name, err));
        if (opts->value != NULL)
            RF_TRY(rf_text_printf(text, err, " \\fI%s\\fR", opts->value));
        RF_TRY(add(text, "\n", err));
        rf_text_reset(&about);
        RF_TRY(describe(&about, opts, err));
        RF_TRY(add_roff(text, about.ptr, err));
        RF_TRY(add(text, "\n", err));
    }
done:
    rf_text_clear(&about);
    return st;
}

rf_status rf_opt_man(rf_text *text, const rf_verb *verbs, const char *version, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(text, err, ".TH RINGFENCE 1 \"\" \"ringfence %s\" \"User Commands\"\n", version));
    RF_TRY(add(text,
               ".SH NAME\nringfence \\- find fraud rings in streams of interaction events\n"
               ".SH SYNOPSIS\n.B ringfence\n\\fIVERB\\fR [\\fIOPTION\\fR]...\n"
               ".SH DESCRIPTION\n"
               "Finds fraud rings in streams of interaction events. An event is a user that acts on an "
               "entity, for example a customer that pays at a terminal. \\fBbuild\\fR reads the events into "
               "a bipartite graph with features. \\fBtrain\\fR trains a GraphBEAN autoencoder on the graph. "
               "\\fBscore\\fR scores every user, entity and edge by how badly the autoencoder reconstructs "
               "it. \\fBtag\\fR and \\fBcluster\\fR say what a high score looks like. \\fBemit\\fR writes "
               "action messages with reasons, and \\fBexport\\fR a part of the graph for graph tools. "
               "\\fBrun\\fR does the whole job from one configuration.\n"
               ".SH VERBS\n",
               err));
    for (const rf_verb *verb = verbs; verb->name != NULL; verb++) {
        RF_TRY(rf_text_printf(text, err, ".SS %s\n.B ringfence %s\n[\\fIOPTION\\fR]...", verb->name,
                              verb->name));
        if (verb->arguments != NULL) {
            RF_TRY(add(text, " ", err));
            RF_TRY(add_roff(text, verb->arguments, err));
        }
        RF_TRY(add(text, "\n.PP\n", err));
        RF_TRY(add_roff(text, verb->about, err));
        RF_TRY(add(text, ".\n", err));
        if (verb->detail != NULL) {
            RF_TRY(add_roff(text, verb->detail, err));
            RF_TRY(add(text, "\n", err));
        }
        RF_TRY(add_man_options(text, verb->opts, err));
    }
    RF_TRY(add(text, ".SH OPTIONS OF EVERY VERB\n", err));
    RF_TRY(add_man_options(text, rf_opt_common(), err));
    RF_TRY(add(text, ".SH EXIT STATUS\n", err));
    RF_TRY(add_roff(text, statuses, err));
    RF_TRY(add(
        text,
        "\n.SH ENVIRONMENT\n"
        ".TP\n.B SOURCE_DATE_EPOCH\nFixes created_at and emitted_at, so that equal work gives equal files.\n"
        ".TP\n.B RINGFENCE_KEEP_CORE\nKeeps the BLAS kernels that the library chose (as "
        "\\-\\-no\\-cpu\\-switch).\n"
        ".SH SEE ALSO\n"
        "docs/CONFIGURATION.md lists every configuration key; docs/FORMATS.md describes the files.\n",
        err));
done:
    return st;
}
