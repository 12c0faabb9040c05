/* core.c - OpenBLAS chooses its kernels when it is loaded, from a list of CPUs that is as old as the library.
 * If a better choice is known, the program starts itself again, once, with that choice.
 */
#include "cli_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rf_linalg.h"
#include "rf_log.h"

#define AGAIN "RINGFENCE_REEXEC"
#define KEEP "RINGFENCE_KEEP_CORE"

void rf_cli_choose_core(const rf_cli *cli)
{
    rf_linalg_setup();
    if (getenv(AGAIN) != NULL || getenv(KEEP) != NULL || getenv("OPENBLAS_CORETYPE") != NULL ||
        rf_args_has(&cli->args, "no-cpu-switch"))
        return;
    const char *better = rf_linalg_better_core();
    if (better == NULL)
        return;
    rf_log(RF_LOG_INFO, "OpenBLAS chose its %s kernels; starting again with %s (--no-cpu-switch keeps them)",
           rf_linalg_core_name(), better);
    if (setenv("OPENBLAS_CORETYPE", better, 1) == 0 && setenv(AGAIN, "1", 1) == 0)
        execv("/proc/self/exe", cli->argv);
    rf_log(RF_LOG_WARN, "starting again failed (%s); continuing with the slower kernels", strerror(errno));
}
