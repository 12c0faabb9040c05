/* failing_disk.h - whichever write of an HDF5 file fails, of HDF5, of a thread or of the hashes: who writes
 * says why, and the file of before is still there, byte by byte. */
#ifndef RF_FAILING_DISK_H
#define RF_FAILING_DISK_H

#include "rf_check.h"
#include "rf_h5.h"

typedef rf_status write_file(const char *path, rf_err *err);

/* `before` makes the file that `write` replaces, with more than `at_least` writes. */
static inline void check_failing_writes(write_file *before, write_file *write, int error, int64_t at_least)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    size_t len = 0, len_now = 0;
    RF_CHECK_OK(err, before(rf_tmp_path(path, "failing.h5"), &err));
    char *bytes = rf_slurp(path, &len);
    for (int64_t k = 0;; k++) {
        rf_h5_disk_fail_after(k, error);
        const rf_status st = write(path, &err);
        const bool failed = rf_h5_disk_calls() > k;
        rf_h5_disk_fail_after(-1, 0);
        if (!failed) {
            RF_CHECK_OK(err, st);
            ck_assert_int_gt(k, at_least);
            break;
        }
        ck_assert_int_eq(st, RF_E_IO);
        ck_assert_msg(strstr(err.msg, "failing.h5: ") != NULL &&
                          strstr(err.msg, "cannot be written") != NULL &&
                          strstr(err.msg, strerror(error)) != NULL,
                      "%s", err.msg);
        char *now = rf_slurp(path, &len_now);
        ck_assert(len_now == len && memcmp(bytes, now, len) == 0);
        free(now);
        err = (rf_err){0};
    }
    free(bytes);
}

#endif
