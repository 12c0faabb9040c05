/* intake.c - how many records came in, how many of them were rejected, and when that is too many; the same
 * for every kind of source. Files have their records decoded here, too, one at a time.
 */
#include "intake_int.h"

#include <stdio.h>

#include "rf_mem.h"

#define SHARE_FROM_RECORDS 10000 /* a share of rejects is looked at from here on, and at the end */

struct rf_intake {
    rf_decoder *decoder;
    double max_rejects;
    int64_t n_read, n_rejected, by_code[RF_N_REJECTS];
    rf_event event;
};

rf_status rf_intake_new(rf_intake **out, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_intake *intake = rf_mem_zero(1, sizeof *intake, err);
    if (intake == NULL)
        return RF_E_NOMEM;
    intake->max_rejects = options->max_rejects;
    intake->n_read = options->read_before;
    intake->n_rejected = options->rejected_before;
    RF_TRY(rf_decoder_new(&intake->decoder, options, err));
    *out = intake;
    intake = NULL;
done:
    rf_intake_free(intake);
    return st;
}

void rf_intake_free(rf_intake *intake)
{
    if (intake == NULL)
        return;
    rf_decoder_free(intake->decoder);
    rf_mem_free(intake);
}

rf_decoder *rf_intake_decoder(rf_intake *intake)
{
    return intake->decoder;
}

int64_t rf_intake_read(const rf_intake *intake)
{
    return intake->n_read;
}

int64_t rf_intake_rejects(const rf_intake *intake)
{
    return intake->n_rejected;
}

/* ---- one record ---- */

void rf_intake_count(rf_intake *intake, int64_t records)
{
    intake->n_read += records;
}

rf_status rf_intake_too_long(rf_intake *intake, rf_reject *reject)
{
    rf_intake_count(intake, 1);
    return rf_decoder_too_long(reject);
}

rf_status rf_intake_decode(rf_intake *intake, rf_source_format format, rf_span value,
                           const rf_message *message, rf_event **event, rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_decoder_decode(intake->decoder, &intake->event, format, value, message, reject, err));
    rf_intake_count(intake, 1);
    if (st == RF_OK)
        *event = &intake->event;
done:
    return st;
}

/* ---- the limit on rejects ---- */

static bool too_many(const rf_intake *intake, bool at_end)
{
    double limit = intake->max_rejects;
    if (limit <= 0 || limit >= 1)
        return intake->n_rejected > 0 && (double)intake->n_rejected > limit;
    if (!at_end && intake->n_read < SHARE_FROM_RECORDS)
        return false;
    return (double)intake->n_rejected > limit * (double)intake->n_read;
}

static rf_status check_limit(const rf_intake *intake, bool at_end, const char *kept_in, rf_err *err)
{
    if (!too_many(intake, at_end))
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
    return rf_err_set(err, RF_E_REJECTED, __FILE__, __LINE__,
                      "%lld of %lld records were rejected, more than ingest.max_rejects = %g allows; %s%s%s",
                      (long long)intake->n_rejected, (long long)intake->n_read, intake->max_rejects, often,
                      kept_in == NULL ? "set ingest.dead_letters to a path to see them" : "they are in ",
                      kept_in == NULL ? "" : kept_in);
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
