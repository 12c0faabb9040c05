/* jsonl_sink.c - messages as lines of a file, or of standard output. The file appears whole at the end. */
#include "message_int.h"

#include <string.h>

#include "rf_file.h"
#include "rf_mem.h"

typedef struct jsonl_sink {
    rf_emit_sink sink;
    const rf_emit_options *options;
    rf_file *file;
    rf_json *json; /* key and headers of an envelope */
} jsonl_sink;

static rf_status jsonl_begin(rf_emit_sink *sink, rf_err *err)
{
    jsonl_sink *jsonl = (jsonl_sink *)sink;
    return rf_file_create_beside(&jsonl->file, jsonl->options->path, err);
}

/* {"key": ..., "headers": {...}, "value": as far as here; the value's text follows unchanged. */
static rf_status write_envelope(jsonl_sink *jsonl, const rf_message *message, rf_err *err)
{
    static const char value[] = ",\"value\":";
    rf_status st = RF_OK;
    rf_json *json = jsonl->json;
    const char *text;
    size_t len;
    rf_json_reset(json);
    rf_json_map_open(json);
    rf_json_key(json, "key");
    rf_json_text(json, message->key, message->key_len);
    rf_json_key(json, "headers");
    rf_json_map_open(json);
    for (int i = 0; i < message->n_headers; i++) {
        rf_json_key(json, message->headers[i].name);
        rf_json_text(json, message->headers[i].value, message->headers[i].len);
    }
    rf_json_map_close(json);
    rf_json_map_close(json);
    RF_TRY(rf_json_end(json, &text, &len, err));
    RF_TRY(rf_file_write(jsonl->file, text, len - 1, err));
    RF_TRY(rf_file_write(jsonl->file, value, sizeof value - 1, err));
done:
    return st;
}

static rf_status jsonl_put(rf_emit_sink *sink, const rf_message *message, rf_err *err)
{
    rf_status st = RF_OK;
    jsonl_sink *jsonl = (jsonl_sink *)sink;
    bool envelope = jsonl->options->envelope;
    if (envelope)
        RF_TRY(write_envelope(jsonl, message, err));
    RF_TRY(rf_file_write(jsonl->file, message->value, message->value_len, err));
    RF_TRY(rf_file_write(jsonl->file, envelope ? "}\n" : "\n", envelope ? 2 : 1, err));
done:
    return st;
}

static rf_status jsonl_end(rf_emit_sink *sink, rf_err *err)
{
    jsonl_sink *jsonl = (jsonl_sink *)sink;
    return rf_file_commit(jsonl->file, err);
}

static bool jsonl_abort(rf_emit_sink *sink, rf_err *failure)
{
    jsonl_sink *jsonl = (jsonl_sink *)sink;
    (void)failure;
    rf_file_close(&jsonl->file);
    return false;
}

static void jsonl_figures(const rf_emit_sink *sink, rf_emit_result *result)
{
    (void)sink;
    (void)result;
}

static void jsonl_close(rf_emit_sink *sink)
{
    jsonl_sink *jsonl = (jsonl_sink *)sink;
    rf_file_close(&jsonl->file);
    rf_json_free(jsonl->json);
    rf_mem_free(jsonl);
}

/* A file holds one run; what earlier ones said of a subject is not its business. */
static void jsonl_silenced(rf_emit_sink *sink, const char *subject, size_t len)
{
    (void)sink, (void)subject, (void)len;
}

static const rf_emit_sink_ops jsonl_ops = {.begin = jsonl_begin,
                                           .put = jsonl_put,
                                           .silenced = jsonl_silenced,
                                           .end = jsonl_end,
                                           .abort = jsonl_abort,
                                           .figures = jsonl_figures,
                                           .close = jsonl_close};

rf_status rf_jsonl_sink_open(rf_emit_sink **out, const rf_emission *emission, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_emit_options *options = emission->options;
    jsonl_sink *jsonl = NULL;
    RF_ZERO(jsonl, 1, err);
    jsonl->sink.ops = &jsonl_ops;
    jsonl->sink.unfinished = strcmp(options->path, "-") == 0
                                 ? "what was printed is not a whole run"
                                 : "nothing was written; run the same command again";
    jsonl->options = options;
    if (options->envelope)
        RF_TRY(rf_json_new(&jsonl->json, err));
    *out = &jsonl->sink;
    return RF_OK;
done:
    if (jsonl != NULL)
        jsonl_close(&jsonl->sink);
    return st;
}
