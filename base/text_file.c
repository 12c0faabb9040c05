/* text_file.c - a file of bounded length as a text: configurations, rules, schemas, secrets. */
#include "rf_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_secret.h"

#define FIRST_ROOM 4096

/* Room for more, without a copy in memory that was given back. */
static rf_status widen(rf_text *text)
{
    size_t room = text->cap < FIRST_ROOM ? FIRST_ROOM : 2 * text->cap;
    char *wider = rf_mem_new(room, 1, NULL);
    if (wider == NULL)
        return RF_E_NOMEM;
    if (text->len > 0)
        memcpy(wider, text->ptr, text->len);
    rf_wipe(text->ptr, text->cap);
    rf_mem_free(text->ptr);
    text->ptr = wider;
    text->cap = room;
    return RF_OK;
}

rf_status rf_text_of_file(rf_text *out, const char *path, size_t most, rf_err *err)
{
    rf_status st = RF_OK;
    const size_t before = out->len;
    int why = 0;
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        why = errno;
        RF_FAIL(err, RF_E_IO, "cannot be opened: %s", strerror(why));
    }
    setvbuf(file, NULL, _IONBF, 0); /* its buffer would be another copy */
    for (size_t n = 1; n > 0 && out->len - before <= most; out->len += n) {
        if (out->cap - out->len < 2 && widen(out) != RF_OK)
            RF_FAIL(err, RF_E_NOMEM, "cannot be read: out of memory");
        n = fread(out->ptr + out->len, 1, out->cap - out->len - 1, file);
        why = ferror(file) ? errno : 0;
    }
    out->ptr[out->len] = '\0';
    if (why != 0)
        RF_FAIL(err, RF_E_IO, "cannot be read: %s", strerror(why));
    if (out->len - before > most)
        RF_FAIL(err, RF_E_INVALID, "is longer than %zu bytes", most);
done:
    if (file != NULL)
        (void)fclose(file);
    errno = why;
    return st;
}
