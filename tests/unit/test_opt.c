/* test_opt.c - the tables of verbs and options: parsing, applying, help and man page. */
#include "rf_check.h"

#include "cli_int.h"
#include "rf_key.h"

static const rf_verb *verb_named(const char *name)
{
    for (const rf_verb *verb = rf_cli_verbs(); verb->name != NULL; verb++) {
        if (strcmp(verb->name, name) == 0)
            return verb;
    }
    ck_abort_msg("no verb %s", name);
    return NULL;
}

#define WORDS(...)                                                                                           \
    (char *[])                                                                                               \
    {                                                                                                        \
        __VA_ARGS__, NULL                                                                                    \
    }

static int count(char **words)
{
    int n = 0;
    while (words[n] != NULL)
        n++;
    return n;
}

static void refused(const char *verb, char **words, const char *message)
{
    rf_err err = {0};
    rf_args args = {0};
    rf_status st = rf_opt_parse(&args, verb_named(verb), count(words), words, &err);
    ck_assert_int_eq(st, RF_E_INVALID);
    ck_assert_str_eq(err.msg, message);
}

START_TEST(values_stand_behind_or_after_equals)
{
    rf_err err = {0};
    rf_args args = {0};
    char **words = WORDS("--graph", "g.h5", "--lr=0.5", "--restart", "--hidden", "64,32,16", "--seed=-1");
    RF_CHECK_OK(err, rf_opt_parse(&args, verb_named("train"), count(words), words, &err));
    ck_assert_str_eq(rf_args_value(&args, "graph"), "g.h5");
    ck_assert_str_eq(rf_args_value(&args, "lr"), "0.5");
    ck_assert(rf_args_has(&args, "restart") && !rf_args_has(&args, "model"));
    ck_assert_str_eq(rf_args_value(&args, "seed"), "-1");
    rf_args_clear(&args);
}
END_TEST

START_TEST(letters_stand_for_names)
{
    rf_err err = {0};
    rf_args args = {0};
    char **words = WORDS("a.h5", "-o", "g.h5", "b.h5", "-oh.h5", "--", "-o");
    RF_CHECK_OK(err, rf_opt_parse(&args, verb_named("merge"), count(words), words, &err));
    ck_assert_int_eq(args.n_given, 2);
    ck_assert_str_eq(args.given[0].value, "g.h5");
    ck_assert_str_eq(args.given[0].flag, "--output");
    ck_assert_str_eq(rf_args_value(&args, "output"), "h.h5");
    ck_assert_int_eq(args.n_rest, 3);
    ck_assert_str_eq(args.rest[2], "-o");
    rf_args_clear(&args);
    refused("merge", WORDS("-o"), "--output needs a value: --output FILE");
    refused("merge", WORDS("-o", "--quiet"), "--output needs a value, but --quiet follows: --output FILE");
    refused("evaluate", WORDS("-o", "x"),
            "evaluate has no option -o; options begin with two dashes, see `ringfence evaluate --help`");
}
END_TEST

START_TEST(flags_win_over_set_and_the_last_wins)
{
    rf_err err = {0};
    rf_args args = {0};
    rf_settings *settings = NULL;
    char **words = WORDS("--epochs", "7", "--set", "train.epochs=5", "--set", "train.lr=0.25", "--epochs",
                         "8", "--restart");
    RF_CHECK_OK(err, rf_settings_new(&settings, &err));
    RF_CHECK_OK(err, rf_opt_parse(&args, verb_named("train"), count(words), words, &err));
    RF_CHECK_OK(err, rf_opt_apply(settings, &args, &err));
    ck_assert_int_eq(settings->train.epochs, 8);
    ck_assert_double_eq(settings->train.lr, 0.25);
    ck_assert(settings->restart);
    rf_args_clear(&args);
    rf_settings_free(settings);
}
END_TEST

START_TEST(options_that_contradict_each_other_are_refused)
{
    refused("train", WORDS("--progress", "--no-progress"),
            "--no-progress conflicts with --progress; give only one of them");
    refused("train", WORDS("--quiet", "--progress"),
            "--progress conflicts with --quiet; give only one of them");
    refused("train", WORDS("--config", "a", "--seed", "1", "--config=b"),
            "--config is given twice; give it once");
    refused("tag", WORDS("--explain", "u", "--check"),
            "--check conflicts with --explain; give only one of them");
    refused("inspect", WORDS("--hub", "v", "g.h5", "--hubs"),
            "--hubs conflicts with --hub; give only one of them");
    refused("tag", WORDS("--explain", "u", "--explain-entity", "v", "--check"),
            "--check conflicts with --explain; give only one of them");
}
END_TEST

START_TEST(positional_arguments_end_at_nothing)
{
    rf_err err = {0};
    rf_args args = {0};
    char **words = WORDS("a.csv", "-", "--graph", "g.h5", "--", "--b.csv");
    RF_CHECK_OK(err, rf_opt_parse(&args, verb_named("build"), count(words), words, &err));
    ck_assert_int_eq(args.n_rest, 3);
    ck_assert_str_eq(args.rest[1], "-");
    ck_assert_str_eq(args.rest[2], "--b.csv");
    rf_args_clear(&args);
}
END_TEST

START_TEST(wrong_words_are_named)
{
    refused("train", WORDS("--epoch", "3"), "train has no option --epoch; did you mean --epochs?");
    refused("train", WORDS("--zzzzzzzz"),
            "train has no option --zzzzzzzz; `ringfence train --help` lists them");
    refused("train", WORDS("--lr"), "--lr needs a value: --lr RATE");
    refused("train", WORDS("--lr", "--eta"), "--lr needs a value, but --eta follows: --lr RATE");
    refused("train", WORDS("--quiet=yes"), "--quiet takes no value; write it alone");
    refused("train", WORDS("x.h5"),
            "train takes no argument, but \"x.h5\" was given; see `ringfence train --help`");
    refused("train", WORDS("-x"),
            "train has no option -x; options begin with two dashes, see `ringfence train --help`");
}
END_TEST

START_TEST(help_is_heard_before_anything_else)
{
    rf_err err = {0};
    rf_args args = {0};
    char **words = WORDS("--nonsense", "--help");
    RF_CHECK_OK(err, rf_opt_parse(&args, verb_named("train"), count(words), words, &err));
    ck_assert(args.help);
    rf_args_clear(&args);
}
END_TEST

START_TEST(every_option_has_a_key_or_a_description)
{
    for (const rf_verb *verb = rf_cli_verbs(); verb->name != NULL; verb++) {
        for (const rf_opt *opt = verb->opts; opt->name != NULL; opt++) {
            const rf_key *key = opt->key == NULL ? NULL : rf_key_find(opt->key);
            ck_assert_msg(opt->key == NULL || key != NULL, "%s --%s: no key %s", verb->name, opt->name,
                          opt->key);
            ck_assert_msg(opt->about != NULL || key != NULL, "%s --%s is not described", verb->name,
                          opt->name);
            ck_assert_msg(opt->value != NULL || key == NULL || key->type == RF_KEY_BOOL,
                          "%s --%s is a switch for a key that is none", verb->name, opt->name);
            for (const rf_opt *other = verb->opts; other != opt; other++)
                ck_assert_msg(strcmp(other->name, opt->name) != 0, "%s --%s twice", verb->name, opt->name);
        }
    }
}
END_TEST

START_TEST(the_flags_that_scripts_rely_on_exist)
{
    static const struct {
        const char *verb, *flags;
    } relied[] = {
        {"train", "graph model epochs lr eta seed hidden latent layers-encoder layers-decoder layers-mlp "
                  "negatives log"},
        {"score", "graph model output agg eta frozen"},
        {"evaluate", "scores graph json"},
        {"simulate", "events seed output write-config"},
        {"emit", "graph scores"},
    };
    for (size_t i = 0; i < sizeof relied / sizeof relied[0]; i++) {
        char flags[256];
        snprintf(flags, sizeof flags, "%s", relied[i].flags);
        for (char *flag = strtok(flags, " "); flag != NULL; flag = strtok(NULL, " ")) {
            bool found = false;
            for (const rf_opt *opt = verb_named(relied[i].verb)->opts; opt->name != NULL; opt++)
                found = found || strcmp(opt->name, flag) == 0;
            ck_assert_msg(found, "%s has no --%s", relied[i].verb, flag);
        }
    }
}
END_TEST

START_TEST(help_fits_into_a_hundred_columns)
{
    for (const rf_verb *verb = rf_cli_verbs(); verb->name != NULL; verb++) {
        rf_err err = {0};
        rf_text text = {0};
        RF_CHECK_OK(err, rf_opt_help(&text, verb, &err));
        for (char *line = strtok(text.ptr, "\n"); line != NULL; line = strtok(NULL, "\n"))
            ck_assert_msg(strlen(line) <= 104, "%s: %s", verb->name,
                          line); /* bytes: some characters have two */
        rf_text_clear(&text);
    }
}
END_TEST

static rf_status all_texts(rf_err *err)
{
    rf_text text = {0};
    rf_args args = {0};
    rf_settings *settings = NULL;
    char **words = WORDS("--epochs", "7", "--set", "train.lr=0.5", "--frozen");
    rf_status st = rf_opt_overview(&text, rf_cli_verbs(), err);
    if (st >= 0)
        st = rf_opt_help(&text, verb_named("train"), err);
    if (st >= 0)
        st = rf_opt_man(&text, rf_cli_verbs(), "1.2.3", err);
    if (st >= 0)
        st = rf_opt_parse(&args, verb_named("train"), 4, words, err);
    if (st >= 0)
        st = rf_settings_new(&settings, err);
    if (st >= 0)
        st = rf_opt_apply(settings, &args, err);
    rf_settings_free(settings);
    rf_args_clear(&args);
    rf_text_clear(&text);
    return st;
}

START_TEST(every_failing_allocation_is_reported)
{
    RF_SWEEP(all_texts(sweep_err), );
}
END_TEST

RF_SUITE("opt", letters_stand_for_names, values_stand_behind_or_after_equals,
         flags_win_over_set_and_the_last_wins, options_that_contradict_each_other_are_refused,
         positional_arguments_end_at_nothing, wrong_words_are_named, help_is_heard_before_anything_else,
         every_option_has_a_key_or_a_description, the_flags_that_scripts_rely_on_exist,
         help_fits_into_a_hundred_columns, every_failing_allocation_is_reported)
