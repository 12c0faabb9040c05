/* stop.c - the flag of SIGINT and SIGTERM, and the names of temporary files: state that has to be the
 * process's, because a signal is. */
#include "rf_stop.h"

#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#define MOST_TEMPORARIES 64 /* further ones wait for the next writer of their target */

static volatile sig_atomic_t asked;
static _Atomic(const char *) temporaries[MOST_TEMPORARIES];

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
        "interrupted; files are as the last finished step left them; run the same command again");
}

/* Puts `to` into the first place that holds `from`. */
static void replace(const char *from, const char *to)
{
    for (size_t i = 0; i < MOST_TEMPORARIES; i++) {
        const char *expected = from;
        if (atomic_compare_exchange_strong(&temporaries[i], &expected, to))
            return;
    }
}

void rf_stop_remember_temporary(const char *path)
{
    replace(NULL, path);
}

void rf_stop_forget_temporary(const char *path)
{
    if (path != NULL)
        replace(path, NULL);
}

void rf_stop_remove_temporaries(void)
{
    for (size_t i = 0; i < MOST_TEMPORARIES; i++) {
        const char *path = atomic_load(&temporaries[i]);
        if (path != NULL)
            (void)unlink(path);
    }
}
