/* rf_status.h - how functions of ringfence fail: one status, one optional message, one exit label.
 *
 * Zero is success, negative is failure, positive is news that is not failure. The caller owns the rf_err; the
 * first function that fails fills it, those above pass it through. A NULL rf_err is always allowed.
 */
#ifndef RF_STATUS_H
#define RF_STATUS_H

typedef enum rf_status {
    RF_OK = 0,

    RF_E_NOMEM = -1,       /* memory could not be had */
    RF_E_INVALID = -2,     /* wrong usage or configuration: exit status 2 */
    RF_E_IO = -3,          /* the operating system refused */
    RF_E_PARSE = -4,       /* text that does not follow its grammar */
    RF_E_FORMAT = -5,      /* a file of a kind, version or shape that we do not read */
    RF_E_KAFKA = -6,       /* broker or client trouble */
    RF_E_NUMERIC = -7,     /* a loss or gradient that is not finite */
    RF_E_INTERRUPTED = -8, /* SIGINT or SIGTERM, everything saved: exit status 130 */
    RF_E_INTERNAL = -9,    /* a library of ours broke its promise */
    RF_E_REJECTED = -10,   /* too many bad records: exit status 3 */

    RF_EOF = 1,     /* nothing more to read */
    RF_TIMEOUT = 2, /* nothing to read yet */
    RF_SKIPPED = 3  /* this record was set aside and counted; continue with the next */
} rf_status;

typedef struct rf_err {
    rf_status code;
    const char *file; /* of our source, for debug logs */
    int line;
    char msg[512]; /* what failed, on what, why, and the next step; no newline */
} rf_err;

#define RF_MUST_CHECK __attribute__((warn_unused_result))
#define RF_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))

/* Fills err (unless it is NULL or already holds a failure) and returns code. */
rf_status rf_err_set(rf_err *err, rf_status code, const char *file, int line, const char *format, ...)
    RF_PRINTF(5, 6);

/* The failure's name, "out of memory" and the like; never NULL. */
const char *rf_status_name(rf_status status);

/* Both jump to the label `done` and expect a local `rf_status st`. */
#define RF_FAIL(err, status, ...)                                                                            \
    do {                                                                                                     \
        st = rf_err_set((err), (status), __FILE__, __LINE__, __VA_ARGS__);                                   \
        goto done;                                                                                           \
    } while (0)

#define RF_TRY(call)                                                                                         \
    do {                                                                                                     \
        st = (call);                                                                                         \
        if (st < 0)                                                                                          \
            goto done;                                                                                       \
    } while (0)

#endif
