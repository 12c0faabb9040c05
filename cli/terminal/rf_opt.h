/* rf_opt.h - the command line: one table of verbs, one table of options a verb; parsing, --help and the man
 * page all read the same tables. An option with a configuration key takes type, range, default and words from
 * it.
 */
#ifndef RF_OPT_H
#define RF_OPT_H

#include <stdbool.h>

#include "rf_status.h"
#include "rf_text.h"

struct rf_cli;
struct rf_settings;
struct rf_args;

typedef struct rf_opt {
    const char *name;  /* without the dashes; NULL ends a table */
    const char *value; /* the name of its value in help; NULL: a switch */
    const char *key;   /* the configuration key it sets; NULL: the verb asks for it by name */
    const char *about; /* NULL: the key's description */
} rf_opt;

/* Rows that the tables of several verbs have. */
#define RF_OPT_SUMMARY                                                                                       \
    {                                                                                                        \
        "summary", "FILE", NULL, "Writes what was done as JSON."                                             \
    }
#define RF_OPT_METRICS                                                                                       \
    {                                                                                                        \
        "metrics", "FILE", NULL, "Writes figures for Prometheus (docs/OPERATIONS.md), after a success only." \
    }
#define RF_OPT_NO_CPU_SWITCH                                                                                 \
    {                                                                                                        \
        "no-cpu-switch", NULL, NULL, "Keeps the BLAS kernels that the library chose for this CPU."           \
    }

typedef struct rf_verb {
    const char *name;
    const char *about;     /* one line */
    const char *arguments; /* how positional arguments are called in help; NULL: there are none */
    const char *detail;    /* paragraphs for --help and the man page */
    const rf_opt *opts;
    rf_status (*run)(struct rf_cli *cli, rf_err *err);
    /* puts positional arguments into settings; NULL: `run` asks for them */
    rf_status (*take)(struct rf_settings *settings, const struct rf_args *args, rf_err *err);
} rf_verb;

typedef struct rf_given {
    const rf_opt *opt;
    const char *flag;  /* as in messages: "--lr" (owned by the args) */
    const char *value; /* borrowed from argv; "true" for a switch */
} rf_given;

typedef struct rf_args {
    rf_given *given; /* in the order of the command line */
    int n_given;
    char **rest; /* positional arguments, borrowed */
    int n_rest;
    bool help; /* --help was among them; nothing else was checked then */
} rf_args;

/* The options that every verb has. */
const rf_opt *rf_opt_common(void);
/* Its short form after a single dash ("-o FILE" for --output), or 0. */
char rf_opt_letter(const rf_opt *opt);

/* argv without program and verb. RF_E_INVALID names the wrong word and the nearest right one. */
RF_MUST_CHECK rf_status rf_opt_parse(rf_args *out, const rf_verb *verb, int argc, char **argv, rf_err *err);
void rf_args_clear(rf_args *args);
/* --set in order, then every option that has a key. */
RF_MUST_CHECK rf_status rf_opt_apply(struct rf_settings *settings, const rf_args *args, rf_err *err);

const char *rf_args_value(const rf_args *args, const char *name); /* the last one given; NULL: not given */
bool rf_args_has(const rf_args *args, const char *name);

RF_MUST_CHECK rf_status rf_opt_help(rf_text *text, const rf_verb *verb, rf_err *err);
/* The overview; verbs end with a NULL name. */
RF_MUST_CHECK rf_status rf_opt_overview(rf_text *text, const rf_verb *verbs, rf_err *err);
RF_MUST_CHECK rf_status rf_opt_man(rf_text *text, const rf_verb *verbs, const char *version, rf_err *err);

#endif
