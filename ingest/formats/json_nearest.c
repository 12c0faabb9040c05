/* json_nearest.c - which key of a record was probably meant? For messages.
 */
#include <string.h>

#include "event_json_int.h"
#include "rf_json_scan.h"
#include "rf_mem.h"

#define MOST_KEYS 500
#define DEEPEST 8

typedef struct found_keys {
    char *paths[MOST_KEYS + 1]; /* rf_mem texts, NULL behind the last */
    size_t n;
    rf_json_scan scan;
    rf_err *err;
    rf_status status;
} found_keys;

static void note(found_keys *found, const char *prefix, const char *between, rf_span key)
{
    rf_text path = {0};
    if (found->n == MOST_KEYS)
        return;
    rf_status st = rf_text_printf(&path, found->err, "%s%s%.*s", prefix, between, (int)key.len, key.ptr);
    if (st >= 0)
        found->paths[found->n] = rf_mem_text(path.ptr, path.len, found->err);
    if (st < 0 || found->paths[found->n] == NULL)
        found->status = RF_E_NOMEM;
    else
        found->n++;
    rf_text_clear(&path);
}

static bool walk(found_keys *found, const char *prefix, int depth);

/* At the value of the last path: the keys of an object, or of a list's first item, are noted, too. */
static bool walk_value(found_keys *found, int depth)
{
    rf_json_scan *s = &found->scan;
    const char *path = found->paths[found->n - 1];
    if (s->at < s->end && *s->at == '{')
        return walk(found, path, depth + 1);
    rf_json_scan list = *s;
    if (!rf_json_next_is(&list, '['))
        return rf_json_pass_value(s);
    size_t before = found->n;
    note(found, path, "", (rf_span){"[*]", 3});
    rf_json_pass_space(&list);
    if (found->n == before || list.at == list.end || *list.at != '{')
        return rf_json_pass_value(s);
    s->at = list.at;
    bool fine = walk(found, found->paths[before], depth + 1);
    for (rf_json_pass_space(s); fine && rf_json_next_is(s, ','); rf_json_pass_space(s)) {
        rf_json_pass_space(s);
        fine = rf_json_pass_value(s);
    }
    return fine && rf_json_expect(s, ']', "a bracket");
}

/* At the opening brace. False: no more can be read. */
static bool walk(found_keys *found, const char *prefix, int depth)
{
    rf_json_scan *s = &found->scan;
    s->at++;
    rf_json_pass_space(s);
    if (rf_json_next_is(s, '}'))
        return true;
    do {
        rf_span key;
        bool escaped;
        rf_json_pass_space(s);
        if (!rf_json_expect(s, '"', "a key") || !rf_json_read_text(s, &key, &escaped))
            return false;
        size_t before = found->n;
        if (!escaped && key.len < 256)
            note(found, prefix, *prefix == '\0' ? "" : ".", key);
        rf_json_pass_space(s);
        if (found->status < 0 || !rf_json_expect(s, ':', "a colon"))
            return false;
        rf_json_pass_space(s);
        bool enters = depth < DEEPEST && found->n > before;
        if (!(enters ? walk_value(found, depth) : rf_json_pass_value(s)))
            return false;
        rf_json_pass_space(s);
    } while (rf_json_next_is(s, ','));
    return rf_json_expect(s, '}', "a brace");
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot == NULL ? path : dot + 1;
}

rf_status rf_json_nearest_key(rf_text *out, const char *wanted, rf_span record, rf_err *err)
{
    rf_status st = RF_OK;
    found_keys *found = NULL;
    RF_ZERO(found, 1, err); /* large */
    found->scan = rf_json_scan_of(record);
    found->err = err;
    rf_json_pass_space(&found->scan);
    if (record.len > 0 && found->scan.at < found->scan.end && *found->scan.at == '{')
        (void)walk(found, "", 0); /* a record that was cut short shows some */
    RF_TRY(found->status);
    const char *near = rf_nearest(wanted, (const char *const *)found->paths);
    for (size_t i = 0; near == NULL && i < found->n; i++) { /* the same name at another place */
        if (strcmp(last_part(found->paths[i]), last_part(wanted)) == 0)
            near = found->paths[i];
    }
    if (near != NULL)
        RF_TRY(rf_text_printf(out, err, "%s", near));
done:
    for (size_t i = 0; found != NULL && i < found->n; i++)
        rf_mem_free(found->paths[i]);
    rf_mem_free(found);
    return st;
}
