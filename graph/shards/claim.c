/* claim.c - claims of partitions: an epoch in a small file, guarded by locks.
 *
 * Locks alone are not enough: a process that was suspended, or cut off from the group, still believes that it
 * owns what others have taken over. An epoch alone is not enough: comparing it and renaming are two steps. So
 * the epoch is compared and the state is renamed under a short lock.
 *
 * The locks are byte ranges of an open file description (F_OFD_SETLK): unlike flock there can be two in one
 * file and they work over NFS; unlike a process's record locks they are not lost when any other descriptor of
 * the file is closed, and two claims within one process exclude each other. The kernel drops them when the
 * process ends, however it ends.
 */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "claim_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rf_event.h"
#include "rf_beside.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_text.h"
#include "rf_time.h"
#include "rf_quote.h"

enum { OWNERSHIP = 0, MOMENT = 1 }; /* bytes of the lock file */

#define MOMENT_WAIT_S 30.0 /* its holder needs it for a rename only, unless it was suspended right there */
#define OWNER_POLL_NS 20000000
#define MOMENT_POLL_NS 1000000
#define CLAIM_BYTES 1024
#define EPOCH_MAX (INT64_MAX / 2)

/* ---- locks ---- */

static rf_status set_lock(const rf_claim *claim, int byte, short type, bool *got, rf_err *err)
{
    rf_status st = RF_OK;
    struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    *got = fcntl(claim->lock, F_OFD_SETLK, &range) == 0;
    if (!*got && errno != EAGAIN && errno != EACCES)
        RF_FAIL(err, RF_E_IO,
                "%s: its lock file beside %s cannot be locked: %s; the folder of shards needs a file "
                "system with byte-range locks (local, or NFS 4)",
                claim->subject, claim->path, strerror(errno));
done:
    return st;
}

static void unlock(const rf_claim *claim, int byte)
{
    bool released;
    (void)set_lock(claim, byte, F_UNLCK, &released, NULL);
}

/* *got is false when it was not to be had until wait_s had passed. */
static rf_status await_lock(const rf_claim *claim, int byte, double wait_s, long poll_ns, bool *got,
                            rf_err *err)
{
    rf_status st = RF_OK;
    double until_s = rf_monotonic_s() + wait_s;
    for (;;) {
        RF_TRY(set_lock(claim, byte, F_WRLCK, got, err));
        if (*got || rf_monotonic_s() >= until_s)
            break;
        (void)nanosleep(&(struct timespec){.tv_nsec = poll_ns}, NULL);
    }
done:
    return st;
}

static rf_status enter_moment(const rf_claim *claim, rf_err *err)
{
    rf_status st = RF_OK;
    bool got = false;
    RF_TRY(await_lock(claim, MOMENT, MOMENT_WAIT_S, MOMENT_POLL_NS, &got, err));
    if (!got)
        RF_FAIL(
            err, RF_E_IO,
            "%s: another process has held the lock beside %s for more than %g s; it needs it only during a "
            "rename, so it is probably suspended: end or resume it (%s names the last owner)",
            claim->subject, claim->path, MOMENT_WAIT_S, claim->path);
done:
    return st;
}

/* ---- the claim file ---- */

typedef struct claim_text {
    int64_t epoch;
    uint64_t token;
    char owner[RF_CLAIM_OWNER];
} claim_text;

/* The value of the line `key value` at *at, which moves past it; false if another line is there. */
static bool take_line(rf_span *out, const char **at, const char *key)
{
    size_t len = strlen(key);
    if (strncmp(*at, key, len) != 0 || (*at)[len] != ' ')
        return false;
    out->ptr = *at + len + 1;
    out->len = strcspn(out->ptr, "\n");
    if (out->ptr[out->len] != '\n')
        return false;
    *at = out->ptr + out->len + 1;
    return true;
}

/* Its last line says that it is whole. */
static bool parse_claim(claim_text *out, const char *text)
{
    rf_span version, epoch, token, owner, since;
    if (!take_line(&version, &text, "ringfence-claim") || !take_line(&epoch, &text, "epoch") ||
        !take_line(&token, &text, "token") || !take_line(&owner, &text, "owner") ||
        !take_line(&since, &text, "since") || strcmp(text, "end\n") != 0)
        return false;
    if (!rf_int_parse(&out->epoch, epoch.ptr, epoch.len) || out->epoch < 1 || out->epoch > EPOCH_MAX)
        return false;
    snprintf(out->owner, sizeof out->owner, "%.*s", (int)owner.len, owner.ptr);
    out->token = 0;
    for (size_t i = 0; i < token.len; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = memchr(digits, token.ptr[i], 16);
        if (digit == NULL)
            return false;
        out->token = out->token << 4 | (uint64_t)(digit - digits);
    }
    return token.len == 16 && version.len == 1 && version.ptr[0] == '1';
}

/* epoch 0: there is none. *torn: there is one that cannot be read. */
static rf_status read_claim(claim_text *out, bool *torn, const rf_claim *claim, rf_err *err)
{
    rf_status st = RF_OK;
    char text[CLAIM_BYTES];
    *out = (claim_text){0};
    *torn = false;
    int fd = open(claim->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return RF_OK;
    if (fd < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", claim->path, strerror(errno));
    ssize_t n = read(fd, text, sizeof text - 1);
    int reason = errno;
    close(fd);
    if (n < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", claim->path, strerror(reason));
    text[n] = '\0';
    *torn = !parse_claim(out, text);
    if (*torn)
        *out = (claim_text){0};
done:
    return st;
}

/* Owners are named for people: one line of printable text. */
static void put_owner(char out[RF_CLAIM_OWNER], const char *owner)
{
    rf_quote_copy(out, RF_CLAIM_OWNER, owner == NULL || owner[0] == '\0' ? "unknown" : owner);
}

static rf_status write_claim(const rf_claim *claim, const char *owner, rf_err *err)
{
    rf_status st = RF_OK;
    char text[CLAIM_BYTES], name[RF_CLAIM_OWNER], since[RF_TIME_TEXT];
    put_owner(name, owner);
    int len =
        snprintf(text, sizeof text,
                 "ringfence-claim 1\nepoch %" PRId64 "\ntoken %016" PRIx64 "\nowner %s\nsince %s\nend\n",
                 claim->epoch, claim->token, name, rf_time_format(since, rf_time_now_us()));
    rf_beside beside = {0};
    int fd;
    RF_TRY(rf_beside_make(&beside, &fd, claim->path, err));
    ssize_t n = write(fd, text, (size_t)len);
    int reason = n < 0 ? errno : ENOSPC;
    if (close(fd) != 0 && n == len) {
        reason = errno;
        n = -1;
    }
    if (n != len)
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", claim->path, strerror(reason));
    RF_TRY(rf_beside_publish(&beside, NULL, err));
done:
    rf_beside_drop(&beside);
    return st;
}

/* ---- claiming ---- */

static char *with_ending(const char *stem, const char *ending, rf_err *err)
{
    rf_text name = {0};
    if (rf_text_printf(&name, err, "%s%s", stem, ending) < 0)
        rf_text_clear(&name);
    return name.ptr;
}

rf_status rf_claim_open(rf_claim *claim, const char *stem, const char *subject, rf_err *err)
{
    rf_status st = RF_OK;
    *claim = (rf_claim){.subject = subject, .lock = -1};
    char *lock = with_ending(stem, ".lock", err);
    claim->path = with_ending(stem, ".claim", err);
    if (lock == NULL || claim->path == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    claim->lock = rf_file_open_lock(lock);
    if (claim->lock < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be opened: %s", lock, strerror(errno));
done:
    rf_mem_free(lock);
    return st;
}

void rf_claim_close(rf_claim *claim)
{
    if (claim->lock >= 0)
        close(claim->lock); /* lets go of both locks */
    rf_mem_free(claim->path);
    *claim = (rf_claim){.lock = -1};
}

rf_status rf_claim_await_owner(rf_claim *claim, int64_t wait_us, rf_err *err)
{
    rf_status st = RF_OK;
    claim_text held;
    bool torn;
    RF_TRY(set_lock(claim, OWNERSHIP, F_WRLCK, &claim->owns, err));
    if (claim->owns || wait_us <= 0)
        return RF_OK;
    RF_TRY(read_claim(&held, &torn, claim, err));
    rf_log(RF_LOG_INFO, "%s: waiting for its owner (%s) to release it", claim->subject,
           held.epoch == 0 ? "unknown" : held.owner);
    RF_TRY(await_lock(claim, OWNERSHIP, (double)wait_us / 1e6, OWNER_POLL_NS, &claim->owns, err));
done:
    return st;
}

rf_status rf_claim_take(rf_claim *claim, int64_t saved_epoch, const char *owner, rf_err *err)
{
    rf_status st = RF_OK;
    claim_text last;
    bool torn;
    RF_TRY(rf_random_token(&claim->token, err));
    RF_TRY(enter_moment(claim, err));
    st = read_claim(&last, &torn, claim, err);
    if (st >= 0) {
        if (torn)
            rf_log(
                RF_LOG_WARN,
                "%s: %s cannot be read; claiming the shard again, its previous owner can no longer save it",
                claim->subject, claim->path);
        else if (!claim->owns && last.epoch > 0)
            rf_log(RF_LOG_WARN,
                   "%s: taking it over from %s, which still runs but did not release it; that process can no "
                   "longer save it",
                   claim->subject, last.owner);
        claim->epoch = (last.epoch > saved_epoch ? last.epoch : saved_epoch) + 1;
        st = write_claim(claim, owner, err);
    }
    unlock(claim, MOMENT);
done:
    return st;
}

rf_status rf_claim_taken_over(const rf_claim *claim, rf_err *err)
{
    return rf_err_set(err, RF_E_IO, __FILE__, __LINE__,
                      "%s was taken over by %s (its epoch is %" PRId64 ", ours was %" PRId64
                      "): nothing was written, its events go on there",
                      claim->subject, claim->rival, claim->rival_epoch, claim->epoch);
}

rf_status rf_claim_check(rf_claim *claim, rf_err *err)
{
    rf_status st = RF_OK;
    claim_text now;
    bool torn;
    if (claim->lost)
        return rf_claim_taken_over(claim, err);
    RF_TRY(read_claim(&now, &torn, claim, err));
    if (now.epoch == claim->epoch && now.token == claim->token)
        return RF_OK;
    claim->lost = true;
    claim->rival_epoch = now.epoch;
    put_owner(claim->rival, now.epoch == 0 ? "somebody whose claim cannot be read" : now.owner);
    unlock(claim, OWNERSHIP); /* nobody needs to wait for us any more */
    claim->owns = false;
    st = rf_claim_taken_over(claim, err);
done:
    return st;
}

rf_status rf_claim_enter(rf_claim *claim, rf_err *err)
{
    rf_status st = RF_OK;
    if (!claim->owns)
        RF_TRY(set_lock(claim, OWNERSHIP, F_WRLCK, &claim->owns, err));
    RF_TRY(enter_moment(claim, err));
    st = rf_claim_check(claim, err);
    if (st < 0)
        unlock(claim, MOMENT);
done:
    return st;
}

void rf_claim_leave(rf_claim *claim)
{
    unlock(claim, MOMENT);
}
