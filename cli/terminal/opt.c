/* opt.c - parses a verb's arguments by its table. opt_help.c prints help and man page; the verbs have the
 * tables.
 */
#include "rf_opt.h"

#include <string.h>

#include "rf_mem.h"
#include "rf_settings.h"

static const rf_opt common[] = {
    {"config", "FILE", NULL, "YAML configuration; flags win over it (docs/CONFIGURATION.md)."},
    {"set", "KEY=VALUE", NULL, "Sets one configuration key, such as train.epochs=50; may be repeated."},
    {"threads", "N", "threads", NULL},
    {"log-level", "LEVEL", NULL, "debug, info, warn, error or silent; default info."},
    {"log-format", "FORMAT", NULL, "text or json (one object a line, on standard error); default text."},
    {"quiet", NULL, NULL, "Warnings and errors only, no progress."},
    {"no-progress", NULL, NULL, "No progress line."},
    {"progress", NULL, NULL, "A progress line even if standard error is not a terminal."},
    {"help", NULL, NULL, "This text."},
    {0},
};

const rf_opt *rf_opt_common(void)
{
    return common;
}

/* Letters mean the same name in every verb that has it. */
static const struct {
    char letter;
    const char *name;
} letters[] = {{'h', "help"}, {'o', "output"}};

char rf_opt_letter(const rf_opt *opt)
{
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        if (strcmp(letters[i].name, opt->name) == 0)
            return letters[i].letter;
    }
    return '\0';
}

static const rf_opt *find_in(const rf_opt *opts, const char *name, size_t len)
{
    for (; opts->name != NULL; opts++) {
        if (strlen(opts->name) == len && memcmp(opts->name, name, len) == 0)
            return opts;
    }
    return NULL;
}

static const rf_opt *find(const rf_verb *verb, const char *name, size_t len)
{
    const rf_opt *opt = find_in(verb->opts, name, len);
    return opt != NULL ? opt : find_in(common, name, len);
}

static rf_status unknown_option(const rf_verb *verb, const char *word, size_t len, rf_err *err)
{
    const char *names[128];
    char typed[64];
    int n = 0;
    for (const rf_opt *opt = verb->opts; opt->name != NULL && n < 100; opt++)
        names[n++] = opt->name;
    for (const rf_opt *opt = common; opt->name != NULL && n < 127; opt++)
        names[n++] = opt->name;
    names[n] = NULL;
    if (len >= sizeof typed)
        len = sizeof typed - 1;
    memcpy(typed, word, len);
    typed[len] = '\0';
    const char *near = rf_nearest(typed, names);
    if (near != NULL)
        return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s has no option --%s; did you mean --%s?",
                          verb->name, typed, near);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s has no option --%s; `ringfence %s --help` lists them", verb->name, typed,
                      verb->name);
}

/* Options of which one command line has one at most; "config" also only once. Those whose keys exclude each
 * other are found when they are set. */
static const char *const exclusive[][2] = {
    {"progress", "no-progress"}, {"progress", "quiet"}, {"check", "explain"},
    {"check", "explain-entity"}, {"hub", "hubs"},       {"config", "config"}};

static bool is_named(const rf_given *given, const char *name)
{
    return strcmp(given->opt->name, name) == 0;
}

/* The last one given contradicts none before it. */
static rf_status check_exclusive(const rf_args *args, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_given *last = &args->given[args->n_given - 1];
    for (size_t k = 0; k < sizeof exclusive / sizeof *exclusive; k++) {
        const int which = is_named(last, exclusive[k][0]) ? 0 : 1;
        if (!is_named(last, exclusive[k][which]))
            continue;
        for (const rf_given *given = args->given; given < last; given++) {
            if (!is_named(given, exclusive[k][1 - which]))
                continue;
            if (given->opt == last->opt)
                RF_FAIL(err, RF_E_INVALID, "%s is given twice; give it once", last->flag);
            RF_FAIL(err, RF_E_INVALID, "%s conflicts with %s; give only one of them", last->flag,
                    given->flag);
        }
    }
done:
    return st;
}

/* value NULL: the word of the option has none; the next word is the value then. */
static rf_status take(rf_args *out, const rf_opt *opt, const char *value, int argc, char **argv, int *i,
                      rf_err *err)
{
    rf_status st = RF_OK;
    if (opt->value == NULL && value != NULL && opt->key == NULL)
        RF_FAIL(err, RF_E_INVALID, "--%s takes no value; write it alone", opt->name);
    if (opt->value == NULL && value == NULL)
        value = "true";
    if (value == NULL) {
        if (*i + 1 >= argc)
            RF_FAIL(err, RF_E_INVALID, "--%s needs a value: --%s %s", opt->name, opt->name, opt->value);
        if (strncmp(argv[*i + 1], "--", 2) == 0)
            RF_FAIL(err, RF_E_INVALID, "--%s needs a value, but %.64s follows: --%s %s", opt->name,
                    argv[*i + 1], opt->name, opt->value);
        value = argv[++*i];
    }
    rf_text flag = {0};
    st = rf_text_printf(&flag, err, "--%s", opt->name);
    if (st < 0) {
        rf_text_clear(&flag);
        return st;
    }
    out->given[out->n_given++] = (rf_given){opt, flag.ptr, value};
    out->help = out->help || strcmp(opt->name, "help") == 0;
    RF_TRY(check_exclusive(out, err));
done:
    return st;
}

/* One word that begins with a single dash: a letter, and what follows it in the word, as -oFILE. */
static rf_status take_short(rf_args *out, const rf_verb *verb, int argc, char **argv, int *i, rf_err *err)
{
    rf_status st = RF_OK;
    const char *word = argv[*i] + 1;
    const rf_opt *opt = NULL;
    for (size_t k = 0; k < sizeof letters / sizeof letters[0]; k++) {
        if (letters[k].letter == word[0])
            opt = find(verb, letters[k].name, strlen(letters[k].name));
    }
    if (opt == NULL || (opt->value == NULL && word[1] != '\0'))
        RF_FAIL(err, RF_E_INVALID,
                "%s has no option -%.63s; options begin with two dashes, see `ringfence %s --help`",
                verb->name, word, verb->name);
    st = take(out, opt, word[1] == '\0' ? NULL : word + 1, argc, argv, i, err);
done:
    return st;
}

rf_status rf_opt_parse(rf_args *out, const rf_verb *verb, int argc, char **argv, rf_err *err)
{
    rf_status st = RF_OK;
    rf_args args = {.help = false};
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        args.help = args.help || strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
    if (args.help)
        goto done;
    RF_ZERO(args.given, argc + 1, err);
    RF_ZERO(args.rest, argc + 1, err);
    bool options = true;
    for (int i = 0; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0)
            options = false;
        else if (options && strncmp(argv[i], "--", 2) == 0) {
            const char *word = argv[i] + 2, *equals = strchr(word, '=');
            size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
            const rf_opt *opt = find(verb, word, len);
            RF_TRY(opt == NULL ? unknown_option(verb, word, len, err)
                               : take(&args, opt, equals == NULL ? NULL : equals + 1, argc, argv, &i, err));
        } else if (options && argv[i][0] == '-' && argv[i][1] != '\0')
            RF_TRY(take_short(&args, verb, argc, argv, &i, err));
        else if (verb->arguments == NULL)
            RF_FAIL(err, RF_E_INVALID,
                    "%s takes no argument, but \"%.64s\" was given; see `ringfence %s --help`", verb->name,
                    argv[i], verb->name);
        else
            args.rest[args.n_rest++] = argv[i];
    }
done:
    if (st < 0)
        rf_args_clear(&args);
    else
        *out = args;
    return st;
}

void rf_args_clear(rf_args *args)
{
    for (int i = 0; i < args->n_given; i++) {
        rf_text flag = {.ptr = (char *)args->given[i].flag};
        rf_text_clear(&flag);
    }
    rf_mem_free(args->given);
    rf_mem_free(args->rest);
    *args = (rf_args){0};
}

rf_status rf_opt_apply(rf_settings *settings, const rf_args *args, rf_err *err)
{
    rf_status st = RF_OK;
    rf_settings_begin_together(settings);
    for (int i = 0; i < args->n_given; i++) {
        if (strcmp(args->given[i].opt->name, "set") == 0)
            RF_TRY(rf_settings_set(settings, args->given[i].value, err));
    }
    for (int i = 0; i < args->n_given; i++) {
        const rf_given *given = &args->given[i];
        if (given->opt->key != NULL)
            RF_TRY(rf_settings_put(settings, given->opt->key, given->value, given->flag, err));
    }
done:
    rf_settings_end_together(settings);
    return st;
}

const char *rf_args_value(const rf_args *args, const char *name)
{
    for (int i = args->n_given - 1; i >= 0; i--) {
        if (strcmp(args->given[i].opt->name, name) == 0)
            return args->given[i].value;
    }
    return NULL;
}

bool rf_args_has(const rf_args *args, const char *name)
{
    return rf_args_value(args, name) != NULL;
}
