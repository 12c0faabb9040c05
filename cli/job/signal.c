/* signal.c - the flag of SIGINT and SIGTERM: the one piece of state that has to be the process's. */
#include "rf_signal.h"

#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t asked_to_stop, nothing_to_save;

/* System calls are not restarted, so that a read of a silent pipe returns at once. */
static void ask_to_stop(int signal_number)
{
    static const char line[] = "ringfence: interrupted; nothing was changed\n";
    (void)signal_number;
    if (nothing_to_save) {
        ssize_t written = write(STDERR_FILENO, line, sizeof line - 1);
        (void)written;
        _exit(130);
    }
    asked_to_stop = 1;
    signal(SIGINT, SIG_DFL); /* the next one ends the process */
    signal(SIGTERM, SIG_DFL);
}

void rf_signal_setup(void)
{
    struct sigaction action = {.sa_handler = ask_to_stop};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void rf_signal_leave_at_once(bool now)
{
    nothing_to_save = now;
}

const volatile sig_atomic_t *rf_signal_flag(void)
{
    return &asked_to_stop;
}

void rf_signal_set(bool on)
{
    asked_to_stop = on;
}

bool rf_signal_seen(void)
{
    return asked_to_stop != 0;
}
