/* test_log.c - log lines, caught from stderr. */
#include "caught_log.h"
#include "json_judge.h"
#include "rf_check.h"
#include "rf_log.h"

#include <pthread.h>

START_TEST(text_lines_have_time_level_and_verb)
{
    rf_log_setup(RF_LOG_INFO, RF_LOG_TEXT, "build");
    catch_log();
    rf_log(RF_LOG_INFO, "resumed from %s", "graph.h5");
    char *text = caught_log();
    int h, m, s, at = 0;
    ck_assert_int_eq(sscanf(text, "%2d:%2d:%2d info  build: resumed from graph.h5%n", &h, &m, &s, &at), 3);
    ck_assert_str_eq(text + at, "\n");
    free(text);
}
END_TEST

START_TEST(levels_below_the_chosen_one_are_silent)
{
    catch_log();
    rf_log_setup(RF_LOG_WARN, RF_LOG_TEXT, NULL);
    rf_log(RF_LOG_DEBUG, "a");
    rf_log(RF_LOG_INFO, "b");
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, NULL);
    rf_log(RF_LOG_ERROR, "c");
    char *text = caught_log();
    ck_assert_str_eq(text, "");
    ck_assert(!rf_log_enabled(RF_LOG_ERROR) && !rf_log_enabled(RF_LOG_SILENT));
    free(text);
}
END_TEST

START_TEST(control_characters_never_reach_the_terminal)
{
    rf_log_setup(RF_LOG_INFO, RF_LOG_TEXT, "build");
    catch_log();
    rf_log(RF_LOG_ERROR, "a\nb\x1b[31m");
    char *text = caught_log();
    ck_assert_ptr_nonnull(strstr(text, "error build: a\\x0ab\\x1b[31m\n"));
    free(text);
}
END_TEST

START_TEST(json_lines_are_json_whatever_they_say)
{
    char hostile[256], much[5000];
    for (int i = 0; i < 255; i++)
        hostile[i] = (char)(i + 1);
    hostile[255] = '\0';
    memset(much, '\x02', sizeof much);
    much[sizeof much - 1] = '\0';
    const char *const messages[] = {"plain", "Z\xC3\xBCrich \"quoted\" \\", hostile, much, ""};
    rf_log_setup(RF_LOG_DEBUG, RF_LOG_JSON, "train");
    for (size_t i = 0; i < 5; i++) {
        catch_log();
        rf_log(RF_LOG_WARN, "%s", messages[i]);
        char *text = caught_log();
        size_t len = strlen(text);
        ck_assert(len > 0 && text[len - 1] == '\n' && strchr(text, '\n') == text + len - 1);
        ck_assert_msg(json_judge(text, len), "%s", text);
        ck_assert_ptr_nonnull(strstr(text, "\"level\":\"warn\",\"verb\":\"train\",\"message\":"));
        free(text);
    }
}
END_TEST

static int curtain_calls[2];

static void curtain(bool drawing)
{
    curtain_calls[drawing ? 0 : 1]++;
}

START_TEST(the_curtain_is_drawn_around_each_entry)
{
    rf_log_setup(RF_LOG_INFO, RF_LOG_TEXT, "build");
    rf_log_set_curtain(curtain);
    catch_log();
    rf_log(RF_LOG_INFO, "a");
    rf_log(RF_LOG_DEBUG, "silent");
    free(caught_log());
    rf_log_set_curtain(NULL);
    ck_assert(curtain_calls[0] == 1 && curtain_calls[1] == 1);
}
END_TEST

static void *log_many(void *context)
{
    for (int i = 0; i < 500; i++)
        rf_log(RF_LOG_INFO, "thread %s line %d", (const char *)context, i);
    return NULL;
}

START_TEST(threads_never_mix_their_lines)
{
    pthread_t a, b;
    int lines = 0;
    rf_log_setup(RF_LOG_INFO, RF_LOG_TEXT, "x");
    catch_log();
    pthread_create(&a, NULL, log_many, "a");
    pthread_create(&b, NULL, log_many, "b");
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    char *text = caught_log(), *line, *rest = text;
    while ((line = strtok_r(rest, "\n", &rest)) != NULL) {
        ck_assert(strlen(line) > 22 && strncmp(line + 9, "info  x: thread ", 16) == 0);
        lines++;
    }
    ck_assert_int_eq(lines, 1000);
    free(text);
}
END_TEST

RF_SUITE("log", text_lines_have_time_level_and_verb, levels_below_the_chosen_one_are_silent,
         control_characters_never_reach_the_terminal, json_lines_are_json_whatever_they_say,
         the_curtain_is_drawn_around_each_entry, threads_never_mix_their_lines)
