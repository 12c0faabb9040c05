/* intake.c - counts rejects, and says when they are too many; the same for every kind of source. */
#include "intake_int.h"
#include "rf_count.h"

#include <stdio.h>

#include "rf_quote.h"

_Static_assert(RF_N_REJECTS <= RF_MOST_TALLIES, "a tally a reason");

#define SHARE_FROM_RECORDS 10000 /* a share of rejects is looked at from here on, and at the end */

void rf_intake_init(rf_intake *intake, const rf_source_options *options)
{
    *intake = (rf_intake){.max_rejects = options->max_rejects,
                          .n_read = options->read_before,
                          .n_rejected = options->rejected_before,
                          .n_filtered = options->filtered_before};
}

int64_t rf_intake_bad(const rf_intake *intake)
{
    return intake->n_rejected - intake->by_code[RF_REJECT_TIME_IN_FUTURE];
}

static bool is_share(double max_rejects)
{
    return max_rejects > 0 && max_rejects < 1;
}

bool rf_intake_is_beyond(int64_t read, int64_t bad, double max_rejects)
{
    double most = is_share(max_rejects) ? max_rejects * (double)read : max_rejects;
    return bad > 0 && (double)bad > most;
}

static rf_status check_limit(const rf_intake *intake, bool at_end, const char *kept_in, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t bad = rf_intake_bad(intake);
    double limit = intake->max_rejects;
    if (!rf_intake_is_beyond(intake->n_read, bad, limit) ||
        (is_share(limit) && !at_end && intake->n_read < SHARE_FROM_RECORDS))
        return RF_OK;
    int most = 0;
    for (int code = 0; code < RF_N_REJECTS; code++) {
        if (intake->by_code[code] > intake->by_code[most] && code != RF_REJECT_TIME_IN_FUTURE)
            most = code;
    }
    char often[384] = "", first[280]; /* reasons of rejects before a resume are not known */
    rf_quote_copy(first, sizeof first, intake->sample[most]);
    if (intake->by_code[most] > 0)
        snprintf(often, sizeof often, "most often: %s (%s), first at %s; ",
                 rf_reject_name((rf_reject_code)most), RF_THINGS(intake->by_code[most], "time"), first);
    RF_FAIL(err, RF_E_REJECTED, "%s of %s %s rejected, more than ingest.max_rejects = %g allows; %s%s%s",
            RF_COUNT(bad), RF_THINGS(intake->n_read, "record"), bad == 1 ? "was" : "were", limit, often,
            kept_in == NULL ? "set ingest.dead_letters to a path to see them" : "they are in ",
            kept_in == NULL ? "" : kept_in);
done:
    return st;
}

/* The first reject of its reason: where, and why. */
static void keep_sample(rf_intake *intake, const rf_reject *reject, const rf_place *place)
{
    char partition[16] = "", block[32] = "", *sample = intake->sample[reject->code];
    if (place->partition >= 0)
        snprintf(partition, sizeof partition, "[%d]", (int)place->partition);
    if (place->block > 0)
        snprintf(block, sizeof block, "@%lld", (long long)place->block);
    int at = snprintf(sample, RF_REASON_BYTES, "%.160s%s%s%c%lld: ", place->name, partition, block,
                      place->partition < 0 ? ':' : '@', (long long)place->position);
    snprintf(sample + at, RF_REASON_BYTES - (size_t)at, "%s", reject->text);
    intake->about[reject->code] = reject->about;
    intake->about[reject->code].at += at;
}

rf_status rf_intake_rejected(rf_intake *intake, const rf_reject *reject, const rf_place *place,
                             const char *kept_in, rf_err *err)
{
    intake->n_rejected++;
    if (intake->by_code[reject->code]++ == 0)
        keep_sample(intake, reject, place);
    return check_limit(intake, false, kept_in, err);
}

rf_status rf_intake_end(const rf_intake *intake, const char *kept_in, rf_err *err)
{
    return check_limit(intake, true, kept_in, err);
}

int rf_intake_tally(const rf_intake *intake, rf_reject_tally out[RF_MOST_TALLIES])
{
    int n = 0;
    for (int code = 0; code < RF_N_REJECTS; code++) {
        if (intake->by_code[code] == 0)
            continue;
        int at = n++;
        for (; at > 0 && out[at - 1].records < intake->by_code[code]; at--)
            out[at] = out[at - 1];
        out[at] = (rf_reject_tally){rf_reject_name((rf_reject_code)code), intake->by_code[code],
                                    intake->sample[code], intake->about[code]};
    }
    return n;
}
