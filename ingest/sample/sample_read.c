/* sample_read.c - the beginnings of inputs into memory, and what they are: encoding, format.
 *
 * Nothing is kept of where reading ended. Of many files some are read, spread evenly over the list, so that a
 * column that came later is seen. sample_rows.c makes rows of the contents.
 */
#include "sample_int.h"

#include <stdio.h>
#include <string.h>

#include "avro_blocks_int.h"
#include "schema_framing_int.h"
#include "decoder_int.h"
#include "input_list_int.h"
#include "rf_mem.h"
#include "text_input_int.h"

#define MOST_INPUTS 16
#define READ_BYTES (1 << 18)
#define LOOKED_AT 4096 /* bytes that show whether it is text */

void rf_sample_free(rf_sample *sample)
{
    if (sample == NULL)
        return;
    for (size_t i = 0; sample->inputs != NULL && i < sample->n_inputs; i++) {
        rf_mem_free(sample->inputs[i].name);
        rf_mem_free(sample->inputs[i].messages);
        rf_mem_free(sample->inputs[i].headers);
        rf_text_clear(&sample->inputs[i].content);
    }
    for (size_t i = 0; i < sample->n_columns; i++)
        rf_column_clear(&sample->columns[i]);
    rf_mem_free(sample->inputs);
    rf_mem_free(sample->columns);
    rf_csv_columns_clear(&sample->first_columns);
    rf_mem_free(sample->first_places);
    rf_idmap_free(sample->names);
    rf_sample_schemas_free(sample->schemas);
    rf_null_words_clear(&sample->null_words);
    rf_mem_free(sample);
}

int64_t rf_sample_records(const rf_sample *sample)
{
    return sample->records;
}

bool rf_sample_is_part(const rf_sample *sample)
{
    return sample->part;
}

/* ---- contents ---- */

/* The beginning of one input as UTF-8, at most `most` bytes. path NULL: standard input. */
static rf_status read_content(rf_sample_input *input, const char *path, const char *encoding, size_t most,
                              rf_err *err)
{
    rf_status st = RF_OK;
    rf_text_input *text = NULL;
    char *buffer = NULL;
    size_t n = 1;
    rf_text_reset(&input->content);
    RF_NEW(buffer, READ_BYTES, err);
    RF_TRY(rf_text_input_open(&text, path, encoding, err));
    while (n > 0 && input->content.len < most) {
        RF_TRY(rf_text_input_read(text, buffer, READ_BYTES, &n, err));
        RF_TRY(rf_text_add(&input->content, buffer, n, err));
    }
    input->part = n > 0;
done:
    rf_text_input_close(text);
    rf_mem_free(buffer);
    return st;
}

/* Whether all of it is UTF-8; bytes 0 are a matter of records, and the last character may be cut. */
static bool is_utf8(const rf_text *content)
{
    const char *at = content->ptr, *end = at + content->len;
    for (int cut = 0; cut < 3 && end > at && ((unsigned char)end[-1] & 0x80) != 0; cut++)
        end--;
    while (at < end) {
        const char *nul = memchr(at, '\0', (size_t)(end - at));
        size_t len = (size_t)((nul == NULL ? end : nul) - at);
        if (!rf_utf8_valid(at, len))
            return false;
        at += len + (nul != NULL);
    }
    return true;
}

/* Of western texts: only the bytes 0x80 to 0x9F tell one from the other, and five of them are nothing. */
static const char *eight_bit_encoding(const rf_text *content)
{
    bool between = false;
    for (size_t i = 0; i < content->len; i++) {
        unsigned char c = (unsigned char)content->ptr[i];
        if (c == 0x81 || c == 0x8D || c == 0x8F || c == 0x90 || c == 0x9D)
            return "latin-1";
        between = between || (c >= 0x80 && c < 0xA0);
    }
    return between ? "windows-1252" : "latin-1";
}

static bool is_avro(const rf_text *content)
{
    return content->len >= RF_AVRO_MAGIC_BYTES &&
           memcmp(content->ptr, RF_AVRO_MAGIC, RF_AVRO_MAGIC_BYTES) == 0;
}

static rf_status read_input(rf_sample *sample, const char *path, size_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sample_input *input = &sample->inputs[sample->n_inputs];
    const char *name = path == NULL ? "stdin" : path;
    input->name = rf_mem_text(name, strlen(name), err);
    if (input->name == NULL)
        return RF_E_NOMEM;
    sample->n_inputs++;
    RF_TRY(read_content(input, path, sample->encoding, most, err));
    if (sample->encoding != NULL || input->content.len == 0 || is_avro(&input->content) ||
        is_utf8(&input->content))
        return RF_OK;
    const char *likely = eight_bit_encoding(&input->content);
    if (path == NULL)
        RF_FAIL(err, RF_E_INVALID, "stdin: is not UTF-8; say what it is: --set source.encoding=%s", likely);
    sample->encoding = likely;
    sample->found_encoding = true;
    RF_TRY(read_content(input, path, likely, most, err));
done:
    return st;
}

static rf_status read_files(rf_sample *sample, int64_t records, rf_err *err)
{
    rf_status st = RF_OK;
    rf_input_list list = {0};
    const rf_source_options *options = sample->options;
    RF_TRY(rf_input_list_make(&list, options->paths, options->n_paths, options->results, NULL, err));
    size_t n = list.n < MOST_INPUTS ? list.n : MOST_INPUTS;
    RF_ZERO(sample->inputs, n, err);
    sample->n_all = list.n;
    for (size_t i = 0; i < n; i++) {
        size_t at = n < 2 ? 0 : i * (list.n - 1) / (n - 1);
        RF_TRY(read_input(sample, list.paths[at], RF_LOOK_BYTES / n, err));
        sample->inputs[i].part_records = (records + (int64_t)n - 1) / (int64_t)n;
    }
done:
    rf_input_list_clear(&list);
    return st;
}

static rf_status read_stdin(rf_sample *sample, int64_t records, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(sample->inputs, 1, err);
    sample->n_all = 1;
    RF_TRY(read_input(sample, NULL, RF_LOOK_BYTES, err));
    sample->inputs[0].part_records = records;
done:
    return st;
}

/* ---- what they are ---- */

/* By the content alone: names can be wrong, and then the format has to be set. */
static rf_status find_format(rf_sample *sample, rf_err *err)
{
    rf_status st = RF_OK;
    rf_records *records = NULL;
    const rf_sample_input *input = &sample->inputs[0];
    sample->format = sample->of_topic ? rf_decoder_message_format(sample->options) : sample->options->format;
    if (sample->format != RF_FORMAT_AUTO)
        return RF_OK;
    if (is_avro(&input->content)) {
        sample->format = RF_FORMAT_AVRO;
        return RF_OK;
    }
    rf_source_format by_name = rf_format_by_name(input->name);
    RF_TRY(rf_records_new(&records, RF_MAX_RECORD, err));
    RF_TRY(
        rf_records_open_text(records, input->name, (rf_span){input->content.ptr, input->content.len}, err));
    RF_TRY(rf_records_guess(records, &sample->format, err));
    sample->says_format = by_name != RF_FORMAT_AUTO && by_name != sample->format;
done:
    rf_records_free(records);
    return st;
}

/* A prefix, and behind it no JSON. */
static bool is_framed(const rf_sample_input *input)
{
    size_t framed = 0;
    for (size_t i = 0; i < input->n_messages; i++) {
        const rf_sample_message *message = &input->messages[i];
        const rf_span value = {input->content.ptr + message->value, message->value_len};
        framed += message->has_value && rf_framing_is_registry(value) &&
                  (value.len == RF_FRAMING_PREFIX || value.ptr[RF_FRAMING_PREFIX] != '{');
    }
    return 2 * framed > input->n_messages;
}

/* Control characters that no text has; 1 and 30 are between the fields and records of some. */
static bool is_binary(const rf_text *content)
{
    size_t n = content->len < LOOKED_AT ? content->len : LOOKED_AT, controls = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)content->ptr[i];
        controls += c < 0x20 && memchr("\t\n\r\f\x01\x1E", c, 6) == NULL;
    }
    return 50 * controls > n;
}

static rf_status check_content(const rf_sample *sample, rf_err *err)
{
    rf_status st = RF_OK;
    bool empty = true;
    for (size_t i = 0; i < sample->n_inputs; i++)
        empty = empty && sample->inputs[i].content.len == 0 && sample->inputs[i].n_messages == 0;
    if (empty)
        RF_FAIL(err, RF_E_INVALID, "%s: there is nothing in it yet, so nothing can be proposed",
                sample->inputs[0].name);
    if (sample->format == RF_FORMAT_CSV && !sample->of_topic && is_binary(&sample->inputs[0].content))
        RF_FAIL(err, RF_E_INVALID,
                "%s: is no text; events are CSV, JSON or Avro, plain or packed by gzip or zstd (of other "
                "encodings than UTF-8, --set source.encoding=NAME)",
                sample->inputs[0].name);
    if (sample->format == RF_FORMAT_PROTOBUF)
        RF_FAIL(err, RF_E_INVALID,
                "messages in Protobuf say nothing of themselves: name the fields of their type in a "
                "configuration (docs/INGEST.md), and `ringfence check` shows how it reads them");
    if (sample->of_topic && sample->format == RF_FORMAT_JSONL && is_framed(&sample->inputs[0]))
        RF_FAIL(err, RF_E_INVALID,
                "%s: its messages begin with a schema registry's prefix and are no JSON; of Avro, tell where "
                "the schemas are: --set source.avro.registry=URL, or source.avro.schemas=FOLDER",
                sample->inputs[0].name);
done:
    return st;
}

static rf_status new_sample(rf_sample **out, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sample *sample = NULL;
    RF_ZERO(sample, 1, err);
    *out = sample;
    sample->options = options;
    sample->encoding = options->encoding;
    sample->csv = options->csv;
    RF_TRY(rf_idmap_new(&sample->names, err));
    RF_TRY(rf_null_words_set(&sample->null_words, options->fields.null_values, options->fields.n_null_values,
                             err));
done:
    return st;
}

/* What the contents are, and what is in them. */
static rf_status understand(rf_sample *sample, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(find_format(sample, err));
    RF_TRY(check_content(sample, err));
    if (sample->of_topic && sample->format == RF_FORMAT_AVRO)
        RF_TRY(rf_sample_schemas_open(&sample->schemas, sample->options, err));
    if (sample->format == RF_FORMAT_CSV)
        RF_TRY(rf_sample_find_dialect(sample, err));
    sample->part = sample->n_inputs < sample->n_all;
    for (size_t i = 0; i < sample->n_inputs; i++)
        sample->part = sample->part || sample->inputs[i].part;
    RF_TRY(rf_sample_look(sample, err));
done:
    return st;
}

rf_status rf_sample_read(rf_sample **out, const rf_source_options *options, int64_t records, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sample *sample = NULL;
    RF_TRY(new_sample(&sample, options, err));
    if (options->type == RF_SOURCE_KAFKA)
        RF_TRY(rf_sample_read_topics(sample, records, err));
    else if (options->type == RF_SOURCE_STDIN)
        RF_TRY(read_stdin(sample, records, err));
    else
        RF_TRY(read_files(sample, records, err));
    RF_TRY(understand(sample, err));
    *out = sample;
    sample = NULL;
done:
    rf_sample_free(sample);
    return st;
}

rf_status rf_sample_of_text(rf_sample **out, const rf_source_options *options, const char *name,
                            rf_span content, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sample *sample = NULL;
    RF_TRY(new_sample(&sample, options, err));
    RF_ZERO(sample->inputs, 1, err);
    sample->n_inputs = sample->n_all = 1;
    sample->inputs[0].part_records = RF_LOOK_RECORDS;
    sample->inputs[0].name = rf_mem_text(name, strlen(name), err);
    if (sample->inputs[0].name == NULL)
        RF_FAIL(err, RF_E_NOMEM, "out of memory");
    RF_TRY(rf_text_add(&sample->inputs[0].content, content.ptr, content.len, err));
    RF_TRY(understand(sample, err));
    *out = sample;
    sample = NULL;
done:
    rf_sample_free(sample);
    return st;
}

/* ---- words ---- */

static const char *delimiter_word(char delimiter, char own[4])
{
    switch (delimiter) {
    case ',':
        return "commas";
    case ';':
        return "semicolons";
    case '\t':
        return "tabs";
    case '|':
        return "pipes";
    case ' ':
        return "spaces";
    default:
        own[0] = delimiter < ' ' ? '?' : delimiter;
        own[1] = '\0';
        return own;
    }
}

const char *rf_sample_format_words(char out[RF_SAMPLE_WORDS], const rf_sample *sample)
{
    char own[4];
    char delimiter = sample->named_delimiter != '\0'        ? sample->named_delimiter
                     : sample->csv.delimiter == RF_CSV_AUTO ? ','
                                                            : (char)sample->csv.delimiter;
    if (sample->format == RF_FORMAT_CSV)
        snprintf(out, RF_SAMPLE_WORDS, "CSV, %s between columns, %s%s%s", delimiter_word(delimiter, own),
                 sample->header ? "with a header" : "without a header",
                 sample->csv.quote == '\'' ? ", single quotes" : "",
                 sample->found_encoding ? ", not UTF-8" : "");
    else
        snprintf(out, RF_SAMPLE_WORDS, "%s%s", sample->format == RF_FORMAT_AVRO ? "Avro" : "JSON",
                 sample->found_encoding ? ", not UTF-8" : "");
    return out;
}
