/* streams.c - standard input, output and error as the process was given them: closed, or with nobody at the
 * other end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli_int.h"
#include "rf_file.h"
#include "rf_log.h"

/* A file that is opened while 0, 1 or 2 is closed gets that number, and then what is printed. So each of them
 * is taken first, the wrong way round: whoever reads or writes there is told that it is closed. */
static void reserve_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        int got = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        if (got < 0)
            got = open("/", O_RDONLY | O_DIRECTORY);
        if (got != fd)
            _exit(1); /* nothing would be safe, and nobody would hear why */
    }
}

void rf_cli_guard_streams(void)
{
    reserve_descriptors();
    (void)signal(SIGPIPE, SIG_IGN); /* a write that fails says so, and a log line that fails is let go */
    (void)signal(SIGXFSZ, SIG_IGN);
}

rf_status rf_cli_print(const rf_text *text, rf_err *err)
{
    if ((text->len > 0 && fwrite(text->ptr, 1, text->len, stdout) != text->len) || fflush(stdout) != 0)
        return rf_err_set(err, RF_E_IO, __FILE__, __LINE__, "stdout: cannot be written: %s",
                          rf_write_error(errno));
    return RF_OK;
}

void rf_cli_print_report(const rf_text *text)
{
    rf_err why = {0};
    if (rf_cli_print(text, &why) < 0)
        rf_log(RF_LOG_WARN, "%s; the files are complete", why.msg);
}
