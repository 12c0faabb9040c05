/* claim_int.h - who owns a partition's state: the claim file, and the two locks beside it.
 *
 * STEM.lock is never written, renamed or removed: it carries two byte-range locks. Byte 0, ownership, is held
 * as long as a claim lives, and says that its owner is alive. Byte 1 is held for moments: to put down a new
 * claim, and to compare and rename when saving. STEM.claim names the owner as text.
 */
#ifndef RF_CLAIM_INT_H
#define RF_CLAIM_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_status.h"

#define RF_CLAIM_OWNER 256 /* bytes of an owner's name, with the NUL */

typedef struct rf_claim {
    const char *subject; /* "orders[3]", for messages; borrowed */
    char *path;          /* STEM.claim */
    int lock;            /* -1: closed */
    bool owns;           /* holds byte 0 */
    bool lost;           /* somebody else's claim was found */
    int64_t epoch;       /* 0: not claimed yet */
    uint64_t token;      /* random: tells two claims of one epoch apart, should a claim file get lost */
    char rival[RF_CLAIM_OWNER];
    int64_t rival_epoch;
} rf_claim;

/* Opens the locks; *claim needs rf_claim_close in any case. */
RF_MUST_CHECK rf_status rf_claim_open(rf_claim *claim, const char *stem, const char *subject, rf_err *err);
void rf_claim_close(rf_claim *claim);

/* Waits wait_us at most until the last owner releases its claim or dies. A timeout is not a failure, because
 * the next claim fences it. */
RF_MUST_CHECK rf_status rf_claim_await_owner(rf_claim *claim, int64_t wait_us, rf_err *err);
/* Puts down a claim with an epoch above both the last claim's and saved_epoch. From here on no older claim
 * gets past rf_claim_enter. */
RF_MUST_CHECK rf_status rf_claim_take(rf_claim *claim, int64_t saved_epoch, const char *owner, rf_err *err);

/* RF_E_IO "was taken over by" when a newer claim is there. RF_OK may be outdated a moment later. */
RF_MUST_CHECK rf_status rf_claim_check(rf_claim *claim, rf_err *err);
/* Holds byte 1 while our claim is the newest; RF_E_IO when it is not. Takes up
 * the ownership lock where a stopped predecessor had kept it. */
RF_MUST_CHECK rf_status rf_claim_enter(rf_claim *claim, rf_err *err);
void rf_claim_leave(rf_claim *claim);
/* RF_E_IO, as it said when the claim was lost. */
rf_status rf_claim_taken_over(const rf_claim *claim, rf_err *err);

#endif
