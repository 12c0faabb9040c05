/* event_json.c - one JSON object (a line of JSON Lines, or a message) to raw values; pure. json_keys.c knows
 * which keys are mapped, json_record.c reads the record.
 */
#include "json_int.h"

#include "event_json_int.h"
#include "rf_mem.h"

struct rf_json_decoder {
    const rf_field_plan *plan;
    rf_json_keys keys;
    rf_json_scratch scratch;
};

rf_status rf_json_decoder_new(rf_json_decoder **out, const rf_field_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json_decoder *decoder = rf_mem_zero(1, sizeof *decoder, err);
    if (decoder == NULL)
        return RF_E_NOMEM;
    decoder->plan = plan;
    RF_TRY(rf_json_keys_init(&decoder->keys, plan, err));
    *out = decoder;
    decoder = NULL;
done:
    rf_json_decoder_free(decoder);
    return st;
}

void rf_json_decoder_free(rf_json_decoder *decoder)
{
    if (decoder == NULL)
        return;
    rf_json_keys_clear(&decoder->keys);
    rf_mem_free(decoder->scratch.bytes);
    rf_mem_free(decoder);
}

rf_status rf_json_decode(rf_raw *raws, rf_json_decoder *decoder, rf_span record, rf_reject *reject,
                         rf_err *err)
{
    decoder->keys.record++;
    decoder->scratch.used = 0;
    for (int i = 0; i < decoder->plan->n_names; i++)
        raws[i].kind = RF_RAW_ABSENT; /* those that are not of the body are filled later */
    return rf_json_record_read(raws, &decoder->keys, &decoder->scratch, record, reject, err);
}
