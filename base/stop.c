/* stop.c - the flag of SIGINT and SIGTERM: the one piece of state that has to be the process's. */
#include "rf_stop.h"

static volatile sig_atomic_t asked;

void rf_stop_ask(bool on)
{
    asked = on;
}

bool rf_stop_asked(void)
{
    return asked != 0;
}

const volatile sig_atomic_t *rf_stop_flag(void)
{
    return &asked;
}

rf_status rf_stop_check(rf_err *err)
{
    if (asked == 0)
        return RF_OK;
    return rf_err_set(
        err, RF_E_INTERRUPTED, __FILE__, __LINE__,
        "interrupted; each file is as the last finished step left it; the same command continues");
}
