/* secret.c - overwriting secrets, and no core dumps.
 *
 * The limit is one byte, not zero: the kernel sends a dump to a collector (core_pattern "|...") whatever the
 * limit is, except for this value. PR_SET_DUMPABLE would do, too, but it takes /proc/self away from a process
 * that is not root, and with it /dev/stdout.
 */
#include "rf_secret.h"

#include <sys/resource.h>

#define NO_DUMP 1

void rf_wipe(void *bytes, size_t len)
{
    volatile unsigned char *at = bytes;
    while (len-- > 0)
        *at++ = 0;
}

void rf_secret_no_dumps(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0 || (limit.rlim_cur <= NO_DUMP && limit.rlim_max <= NO_DUMP))
        return;
    rlim_t most = limit.rlim_max < NO_DUMP ? limit.rlim_max : NO_DUMP;
    limit = (struct rlimit){.rlim_cur = most, .rlim_max = most};
    (void)setrlimit(RLIMIT_CORE, &limit);
}
