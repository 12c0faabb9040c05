/* sample_topics.c - the last messages of topics into memory: values, keys, and headers, which fields may
 * name.
 */
#include "sample_int.h"

#include <string.h>

#include "rf_kafka_sample.h"
#include "rf_mem.h"

/* Where the text is in the content from now on. */
static rf_status keep_text(size_t *at, rf_sample_input *input, rf_span text, rf_err *err)
{
    rf_status st = RF_OK;
    *at = input->content.len;
    if (text.ptr != NULL)
        RF_TRY(rf_text_add(&input->content, text.ptr, text.len, err));
done:
    return st;
}

static rf_status keep_headers(rf_sample_message *added, rf_sample_input *input,
                              const rf_sampled_message *message, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name;
    rf_span value;
    added->first_header = input->n_headers;
    while (message->header_at(message->headers, added->n_headers, &name, &value)) {
        rf_sample_header header = {.value_len = value.len, .has_value = value.ptr != NULL};
        RF_RESERVE(input->headers, input->cap_headers, input->n_headers + 1, err);
        RF_TRY(keep_text(&header.name, input, (rf_span){name, strlen(name) + 1}, err));
        RF_TRY(keep_text(&header.value, input, value, err));
        input->headers[input->n_headers++] = header;
        added->n_headers++;
    }
done:
    return st;
}

static rf_status keep_message(void *context, const rf_sampled_message *message, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sample_input *input = context;
    rf_sample_message added = {.value_len = message->value.len,
                               .key_len = message->key.len,
                               .has_value = message->value.ptr != NULL,
                               .has_key = message->key.ptr != NULL,
                               .timestamp_ms = message->timestamp_ms,
                               .partition = message->partition,
                               .offset = message->offset};
    RF_RESERVE(input->messages, input->cap_messages, input->n_messages + 1, err);
    RF_TRY(keep_text(&added.value, input, message->value, err));
    RF_TRY(keep_text(&added.key, input, message->key, err));
    RF_TRY(keep_headers(&added, input, message, err));
    input->messages[input->n_messages++] = added;
    bool full = input->content.len >= RF_LOOK_BYTES;
    input->part = message->is_part || (full && (int64_t)input->n_messages < message->all);
    st = full ? RF_EOF : RF_OK;
done:
    return st;
}

rf_status rf_sample_read_topics(rf_sample *sample, int64_t records, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = sample->options->kafka.topics[0];
    RF_ZERO(sample->inputs, 1, err);
    sample->n_inputs = sample->n_all = 1;
    sample->of_topic = true;
    sample->inputs[0].name = rf_mem_text(name, strlen(name), err);
    if (sample->inputs[0].name == NULL)
        return RF_E_NOMEM;
    sample->inputs[0].part_records = records;
    RF_TRY(rf_text_add(&sample->inputs[0].content, "", 0, err));
    RF_TRY(rf_kafka_sample(&sample->options->kafka, records, keep_message, &sample->inputs[0], err));
done:
    return st;
}

/* ---- what is beside a value ---- */

static bool find_header(void *headers, const char *name, rf_span *value)
{
    const rf_sample_headers *of = headers;
    const rf_sample_input *input = of->input;
    for (size_t i = of->message->n_headers; i-- > 0;) {
        const rf_sample_header *header = &input->headers[of->message->first_header + i];
        if (strcmp(input->content.ptr + header->name, name) != 0)
            continue;
        *value = (rf_span){header->has_value ? input->content.ptr + header->value : NULL, header->value_len};
        return true;
    }
    return false;
}

rf_message rf_sample_beside(rf_sample_headers *headers, const rf_sample_input *input,
                            const rf_sample_message *message)
{
    *headers = (rf_sample_headers){input, message};
    return (rf_message){
        .key = {message->has_key ? input->content.ptr + message->key : NULL, message->key_len},
        .timestamp_ms = message->timestamp_ms,
        .has_value = message->has_value,
        .headers = headers,
        .header = find_header};
}

bool rf_sample_has_beside(const rf_sample *sample, const char *name)
{
    static const char prefix[] = "$header.";
    const rf_sample_input *input = &sample->inputs[0];
    if (!sample->of_topic)
        return false;
    if (strcmp(name, "$key") == 0 || strcmp(name, "$timestamp") == 0)
        return true;
    for (size_t i = 0; strncmp(name, prefix, strlen(prefix)) == 0 && i < input->n_headers; i++) {
        if (strcmp(input->content.ptr + input->headers[i].name, name + strlen(prefix)) == 0)
            return true;
    }
    return false;
}
