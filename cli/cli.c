/* cli.c - from argv to a verb and back to an exit status: finds the verb, loads the configuration, sets up
 * log, progress and signals, and prints the one line that says what failed. The verbs are in cmd_*.c.
 */
#include "cli_int.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rf_log.h"
#include "rf_mem.h"
#include "rf_progress.h"
#include "rf_signal.h"

/* ---- log and progress ---- */

static rf_status word_in(const char *word, const char *flag, const char *const *words, const char *allowed,
                         int *out, rf_err *err)
{
    for (int i = 0; word != NULL && words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0) {
            *out = i;
            return RF_OK;
        }
    }
    if (word == NULL)
        return RF_OK;
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s is \"%.64s\"; allowed is one of %s", flag,
                      word, allowed);
}

static rf_status set_up_messages(const rf_cli *cli, bool *json, rf_err *err)
{
    static const char *const levels[] = {"debug", "info", "warn", "error", "silent", NULL};
    static const char *const formats[] = {"text", "json", NULL};
    rf_status st = RF_OK;
    bool quiet = rf_args_has(&cli->args, "quiet");
    int level = quiet ? RF_LOG_WARN : RF_LOG_INFO, format = RF_LOG_TEXT;
    RF_TRY(word_in(rf_args_value(&cli->args, "log-format"), "--log-format", formats, "text, json", &format,
                   err));
    *json = format == RF_LOG_JSON;
    RF_TRY(word_in(rf_args_value(&cli->args, "log-level"), "--log-level", levels,
                   "debug, info, warn, error, silent", &level, err));
    rf_log_setup((rf_log_level)level, (rf_log_format)format, cli->verb->name);
    bool terminal = isatty(STDERR_FILENO) != 0 && format == RF_LOG_TEXT;
    bool progress = (terminal || rf_args_has(&cli->args, "progress")) && !quiet &&
                    !rf_args_has(&cli->args, "no-progress");
    rf_progress_setup(progress);
    rf_signal_setup(cli->verb->name, *json, progress);
done:
    return st;
}

/* ---- one verb ---- */

static rf_status configure(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_settings_new(&cli->job.settings, err));
    const char *file = rf_args_value(&cli->args, "config");
    if (file != NULL)
        RF_TRY(rf_settings_load(cli->job.settings, file, err));
    RF_TRY(rf_opt_apply(cli->job.settings, &cli->args, err));
    if (cli->verb->take != NULL)
        RF_TRY(cli->verb->take(cli->job.settings, &cli->args, err));
    RF_TRY(rf_cli_check_flags(cli, err));
    RF_TRY(rf_settings_finish(cli->job.settings, err));
done:
    if (st == RF_E_IO) /* a configuration that is not there is wrong usage */
        err->code = st = RF_E_INVALID;
    return st;
}

static int exit_status(rf_status st)
{
    if (st >= 0)
        return 0;
    if (st == RF_E_INVALID)
        return 2;
    if (st == RF_E_REJECTED)
        return 3;
    return st == RF_E_INTERRUPTED ? 130 : 1;
}

static int run_verb(const rf_verb *verb, int argc, char **argv)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_cli cli = {.verb = verb, .verbs = rf_cli_verbs(), .argv = argv};
    rf_text text = {0};
    bool json = false;
    RF_TRY(rf_opt_parse(&cli.args, verb, argc - 2, argv + 2, err));
    if (cli.args.help) {
        RF_TRY(rf_opt_help(&text, verb, err));
        RF_TRY(rf_cli_print(&text, err));
        goto done;
    }
    RF_TRY(set_up_messages(&cli, &json, err));
    RF_TRY(rf_cli_check_limits(err));
    RF_TRY(configure(&cli, err));
    st = verb->run(&cli, err);
done:
    rf_progress_end();
    rf_text_clear(&text);
    rf_job_clear(&cli.job);
    rf_args_clear(&cli.args);
    const char *message = failure.code < 0 ? failure.msg : rf_status_name(st);
    if (st < 0 && json) {
        rf_log_setup(RF_LOG_ERROR, RF_LOG_JSON, verb->name);
        rf_log(RF_LOG_ERROR, "%s", message);
    } else if (st < 0) {
        rf_cli_complain("%s", message);
    }
    return exit_status(st);
}

/* ---- help ---- */

static int usage_error(const char *text, const char *word, const char *near)
{
    if (near != NULL)
        rf_cli_complain("%s \"%.64s\"; did you mean \"%s\"?", text, word, near);
    else
        rf_cli_complain("%s \"%.64s\"; `ringfence --help` lists them", text, word);
    return 2;
}

static const rf_verb *find_verb(const char *name)
{
    for (const rf_verb *verb = rf_cli_verbs(); verb->name != NULL; verb++) {
        if (strcmp(verb->name, name) == 0)
            return verb;
    }
    return NULL;
}

static int unknown_verb(const char *name)
{
    const char *names[32];
    int n = 0;
    for (const rf_verb *verb = rf_cli_verbs(); verb->name != NULL; verb++)
        names[n++] = verb->name;
    names[n++] = "help";
    names[n] = NULL;
    return usage_error("there is no verb", name, rf_nearest(name, names));
}

static int help(int argc, char **argv)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_text text = {0};
    const char *topic = argc > 0 ? argv[0] : NULL;
    const rf_verb *verb = topic == NULL ? NULL : find_verb(topic);
    if (topic == NULL)
        st = rf_opt_overview(&text, rf_cli_verbs(), err);
    else if (verb != NULL)
        st = rf_opt_help(&text, verb, err);
    else if (strcmp(topic, "config") == 0)
        st = argc > 1 && strcmp(argv[1], "--markdown") == 0 ? rf_settings_markdown(&text, err)
                                                            : rf_settings_list(&text, err);
    else if (strcmp(topic, "--man") == 0)
        st = rf_opt_man(&text, rf_cli_verbs(), RF_VERSION, err);
    else
        return unknown_verb(topic);
    if (st >= 0)
        st = rf_cli_print(&text, err);
    rf_text_clear(&text);
    if (st < 0)
        rf_cli_complain("%s", failure.msg);
    return exit_status(st);
}

static int version(void)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_text text = {0};
    RF_TRY(rf_text_printf(&text, err, "ringfence %s\n", RF_VERSION));
    RF_TRY(rf_cli_print(&text, err));
done:
    rf_text_clear(&text);
    if (st < 0)
        rf_cli_complain("%s", failure.msg);
    return exit_status(st);
}

int rf_cli_main(int argc, char **argv)
{
    rf_text text = {0};
    rf_cli_guard_streams();
    if (argc < 2) {
        if (rf_opt_overview(&text, rf_cli_verbs(), NULL) >= 0)
            fputs(text.ptr, stderr);
        rf_text_clear(&text);
        return 2;
    }
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0 || strcmp(word, "version") == 0) {
        return version();
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return help(argc - 2, argv + 2);
    if (word[0] == '-')
        return usage_error("a verb comes first; there is no verb", word, NULL);
    const rf_verb *verb = find_verb(word);
    return verb == NULL ? unknown_verb(word) : run_verb(verb, argc, argv);
}
