/* streams.c - standard input, output and error as the process was given them: closed, or with nobody at the
 * other end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli_int.h"
#include "rf_file.h"
#include "rf_log.h"
#include "rf_quote.h"

#define LEAST_FILES 32
#define ENOUGH_FILES 1024

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

void rf_cli_allow_files(uint64_t wanted)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
        return;
    files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : (rlim_t)wanted;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

/* A job holds some files open at the same time, the Kafka client a connection to each broker. */
rf_status rf_cli_check_limits(rf_err *err)
{
    rf_status st = RF_OK;
    struct rlimit files;
    rf_cli_allow_files(ENOUGH_FILES);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < LEAST_FILES)
        RF_FAIL(err, RF_E_IO,
                "this process may have %d files open, and needs %d; raise the limit (ulimit -n, or "
                "LimitNOFILE of "
                "the unit)",
                (int)files.rlim_cur, LEAST_FILES);
done:
    return st;
}

rf_status rf_cli_print(const rf_text *text, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text quoted = {0};
    RF_TRY(rf_quote_add_lines(&quoted, text->len > 0 ? text->ptr : "", text->len, err));
    if ((quoted.len > 0 && fwrite(quoted.ptr, 1, quoted.len, stdout) != quoted.len) || fflush(stdout) != 0)
        RF_FAIL(err, RF_E_IO, "stdout: cannot be written: %s", rf_write_error(errno));
done:
    rf_text_clear(&quoted);
    return st;
}

void rf_cli_complain(const char *format, ...)
{
    char message[1024], shown[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    rf_quote_copy(shown, sizeof shown, message);
    fprintf(stderr, "ringfence: %s\n", shown);
}

void rf_cli_print_report(const rf_text *text)
{
    rf_err why = {0};
    if (rf_cli_print(text, &why) < 0)
        rf_log(RF_LOG_WARN, "%s; the files are complete", why.msg);
}
