/* secret_value.c - values of settings that come from outside the configuration: ${env:NAME} and ${file:PATH}
 * may occur anywhere inside a value.
 */
#include "rf_secret.h"

#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"

#define MOST_BYTES (1 << 20) /* keys and certificates are far shorter */

void rf_secret_wipe(rf_text *text)
{
    if (text->ptr != NULL)
        rf_wipe(text->ptr, text->cap);
    rf_text_clear(text);
}

static rf_status add_file(rf_text *out, const char *key, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_err why = {0};
    rf_text text = {0};
    st = rf_text_of_file(&text, path, MOST_BYTES, &why);
    if (st == RF_E_INVALID || (st == RF_OK && memchr(text.ptr, '\0', text.len) != NULL))
        RF_FAIL(err, RF_E_INVALID, "%s: the file of ${file:%s} is not a short text file", key, path);
    if (st != RF_OK)
        RF_FAIL(err, st == RF_E_IO ? RF_E_INVALID : st, "%s: the file of ${file:%s} %s", key, path, why.msg);
    size_t len = text.len; /* without its last line end */
    len -= len > 0 && text.ptr[len - 1] == '\n';
    len -= len > 0 && text.ptr[len - 1] == '\r';
    st = rf_text_add(out, text.ptr, len, err);
done:
    rf_secret_wipe(&text);
    return st;
}

/* One reference, from its `$` up to and with its `}`; len counts both. */
static rf_status add_reference(rf_text *out, const char *key, const char *text, size_t len,
                               const rf_secret_note *note, rf_err *err)
{
    rf_status st = RF_OK;
    char *shown = rf_mem_text(text, len, err), *name = NULL;
    size_t start = out->len;
    if (shown != NULL) {
        const char *colon = strchr(shown, ':');
        name = rf_mem_text(colon + 1, strlen(colon + 1) - 1, err);
    }
    if (name == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    if (name[0] == '\0')
        RF_FAIL(err, RF_E_INVALID, "%s: %s has no name in it", key, shown);
    if (strncmp(shown, "${env:", 6) == 0) {
        const char *value = getenv(name);
        if (value == NULL)
            RF_FAIL(err, RF_E_INVALID,
                    "%s: the environment variable %s of ${env:%s} is not set; set it for this process", key,
                    name, name);
        RF_TRY(rf_text_add(out, value, strlen(value), err));
    } else {
        RF_TRY(add_file(out, key, name, err));
    }
    if (note != NULL)
        RF_TRY(note->note(note->context, out->ptr + start, out->len - start, shown, err));
done:
    rf_mem_free(name);
    rf_mem_free(shown);
    return st;
}

rf_status rf_secret_expand(rf_text *out, const char *key, const char *value, const rf_secret_note *note,
                           rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_add(out, "", 0, err));
    for (const char *at = value; *at != '\0';) {
        bool reference = strncmp(at, "${env:", 6) == 0 || strncmp(at, "${file:", 7) == 0;
        size_t len = reference ? strcspn(at, "}") : 1;
        if (reference && at[len] == '\0')
            RF_FAIL(err, RF_E_INVALID, "%s: a ${env:NAME} or ${file:PATH} has no closing }", key);
        if (reference)
            RF_TRY(add_reference(out, key, at, ++len, note, err));
        else
            RF_TRY(rf_text_add(out, at, 1, err));
        at += len;
    }
done:
    return st;
}
