/* signal.c - SIGINT and SIGTERM end the process at once, or set the flag of rf_stop.h where a step saves. */
#include "rf_signal.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rf_stop.h"
#include "rf_time.h"

#define INTERRUPTED 130 /* exit status */
#define WHAT "interrupted; files are as the last finished step left them; run the same command again"

static volatile sig_atomic_t saves;

/* Composed beforehand, because a handler may do little; the time of a JSON entry goes between the two. */
static char before_time[64], after_time[256];
static bool has_time;

static void write_text(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

static void say_so(void)
{
    char moment[RF_TIME_TEXT];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    write_text(before_time);
    if (has_time)
        write_text(rf_time_format(moment, (int64_t)now.tv_sec * RF_SECOND_US + now.tv_nsec / 1000));
    write_text(after_time);
}

/* System calls are not restarted, so that a read of a silent pipe returns at once. */
static void on_signal(int signal_number)
{
    (void)signal_number;
    if (!saves) {
        say_so();
        rf_stop_remove_temporaries();
        _exit(INTERRUPTED);
    }
    rf_stop_ask(true);
    signal(SIGINT, SIG_DFL); /* the next one ends the process */
    signal(SIGTERM, SIG_DFL);
}

void rf_signal_setup(const char *verb, bool json, bool progress)
{
    struct sigaction action = {.sa_handler = on_signal};
    has_time = json;
    snprintf(before_time, sizeof before_time, "%s", json ? "{\"time\":\"" : progress ? "\r\033[K" : "");
    if (json)
        snprintf(after_time, sizeof after_time,
                 "\",\"level\":\"error\",\"verb\":\"%s\",\"message\":\"" WHAT "\"}\n", verb);
    else
        snprintf(after_time, sizeof after_time, "ringfence: " WHAT "\n");
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void rf_signal_hold(bool step_saves)
{
    saves = step_saves;
}
