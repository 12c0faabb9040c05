/* signal.c - the flag of SIGINT and SIGTERM: the one piece of state that has to be the process's. */
#include "rf_signal.h"

#include <stddef.h>

static volatile sig_atomic_t asked_to_stop;

/* System calls are not restarted, so that a read of a silent pipe returns at once. */
static void ask_to_stop(int signal_number)
{
    (void)signal_number;
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

const volatile sig_atomic_t *rf_signal_flag(void)
{
    return &asked_to_stop;
}

bool rf_signal_seen(void)
{
    return asked_to_stop != 0;
}
