/* signal.c - SIGINT and SIGTERM set the flag of rf_stop.h, or end the process where nothing is to be saved.
 */
#include "rf_signal.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "rf_stop.h"

static volatile sig_atomic_t nothing_to_save;

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
    rf_stop_ask(true);
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
