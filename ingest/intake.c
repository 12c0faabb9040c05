/* intake.c - counts rejects, and says when they are too many; the same for every kind of source. */
#include "intake_int.h"

#include <stdio.h>

#define SHARE_FROM_RECORDS 10000 /* a share of rejects is looked at from here on, and at the end */

void rf_intake_init(rf_intake *intake, const rf_source_options *options)
{
    *intake = (rf_intake){.max_rejects = options->max_rejects,
                          .n_read = options->read_before,
                          .n_rejected = options->rejected_before};
}

static rf_status check_limit(const rf_intake *intake, bool at_end, const char *kept_in, rf_err *err)
{
    rf_status st = RF_OK;
    double limit = intake->max_rejects, rejected = (double)intake->n_rejected;
    bool is_share = limit > 0 && limit < 1;
    bool too_many = is_share ? rejected > limit * (double)intake->n_read : rejected > 0 && rejected > limit;
    if (!too_many || (is_share && !at_end && intake->n_read < SHARE_FROM_RECORDS))
        return RF_OK;
    int most = 0;
    for (int code = 0; code < RF_N_REJECTS; code++) {
        if (intake->by_code[code] > intake->by_code[most])
            most = code;
    }
    char often[96] = ""; /* reasons of rejects before a resume are not known */
    if (intake->by_code[most] > 0)
        snprintf(often, sizeof often, "most often: %s (%lld times); ", rf_reject_name((rf_reject_code)most),
                 (long long)intake->by_code[most]);
    RF_FAIL(err, RF_E_REJECTED,
            "%lld of %lld records were rejected, more than ingest.max_rejects = %g allows; %s%s%s",
            (long long)intake->n_rejected, (long long)intake->n_read, limit, often,
            kept_in == NULL ? "set ingest.dead_letters to a path to see them" : "they are in ",
            kept_in == NULL ? "" : kept_in);
done:
    return st;
}

rf_status rf_intake_rejected(rf_intake *intake, const rf_reject *reject, const char *kept_in, rf_err *err)
{
    intake->n_rejected++;
    intake->by_code[reject->code]++;
    return check_limit(intake, false, kept_in, err);
}

rf_status rf_intake_end(const rf_intake *intake, const char *kept_in, rf_err *err)
{
    return check_limit(intake, true, kept_in, err);
}
