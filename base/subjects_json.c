/* subjects_json.c - subjects in JSON: found, cut out, or replaced by their hashes.
 *
 * A document is walked once by base/json_scan.c and written again as it goes, so that everything that names
 * nobody keeps its bytes.
 */
#include <string.h>

#include "rf_json.h"
#include "rf_json_scan.h"
#include "rf_subjects.h"

typedef enum what { FIND, CUT, HASH, MASK } what;

typedef struct walk {
    rf_json_scan scan;
    what what;
    const rf_subjects *subjects;
    rf_text *out;             /* FIND: NULL */
    rf_text decoded;          /* of the text at hand */
    bool linked;              /* HASH: the document names somebody, so its unkeyed hashes go, too */
    int64_t n;                /* cut or replaced */
    const char *const *names; /* MASK: members that are left alone */
    int n_names;
    int depth;
    rf_err *err;
} walk;

/* What a value is: RF_OK, or RF_SKIPPED if it names a subject; or a failure. */
static rf_status pass_value(walk *w, rf_span key);

static rf_status broken(const walk *w)
{
    return rf_err_set(w->err, RF_E_PARSE, __FILE__, __LINE__, "not JSON: %s",
                      w->scan.why == NULL ? "too deep" : w->scan.why);
}

static rf_status copy(walk *w, const char *from, const char *to)
{
    return w->out == NULL ? RF_OK : rf_text_add(w->out, from, (size_t)(to - from), w->err);
}

/* Space between two tokens; what is cut leaves none behind. */
static rf_status pass_space(walk *w)
{
    const char *from = w->scan.at;
    rf_json_pass_space(&w->scan);
    return w->what == CUT ? RF_OK : copy(w, from, w->scan.at);
}

/* ---- texts ---- */

static bool key_is(rf_span key, const char *name)
{
    return key.len == strlen(name) && memcmp(key.ptr, name, key.len) == 0;
}

static rf_side side_of_key(rf_span key)
{
    if (key_is(key, "user") || key_is(key, "users") || key_is(key, "user_ids"))
        return RF_USER;
    if (key_is(key, "entity") || key_is(key, "entities") || key_is(key, "entity_ids"))
        return RF_ENTITY;
    return RF_NO_SIDE;
}

/* An edge's key, ["USER","ENTITY"], perhaps with a number behind. */
static const rf_data_subject *in_pair(const walk *w, rf_span text)
{
    rf_json_scan s = rf_json_scan_of(text);
    const rf_data_subject *found = NULL;
    char id[RF_MAX_ID_BYTES * 6];
    if (!rf_json_next_is(&s, '['))
        return NULL;
    for (rf_side side = RF_USER; side <= RF_ENTITY && found == NULL; side++) {
        rf_span raw;
        bool escaped;
        if (!rf_json_next_is(&s, '"') || !rf_json_read_text(&s, &raw, &escaped) || raw.len > sizeof id)
            return NULL;
        found = rf_subjects_find(w->subjects, side, id, rf_json_unescape(id, raw));
        (void)rf_json_next_is(&s, ',');
    }
    return found;
}

/* Bytes of the name of a kind of entity that the text begins with. */
static size_t kind_length(rf_span text)
{
    size_t len = 0;
    while (len < text.len && text.ptr[len] != '\0' &&
           strchr("abcdefghijklmnopqrstuvwxyz0123456789_", text.ptr[len]) != NULL)
        len++;
    return len;
}

static const rf_data_subject *named_by(const walk *w, rf_span key, rf_span text)
{
    rf_side named = side_of_key(key); /* other members have words of their own, which may be somebody's id */
    const rf_data_subject *found =
        named == RF_NO_SIDE ? NULL : rf_subjects_find(w->subjects, named, text.ptr, text.len);
    for (rf_side side = RF_USER; side <= RF_EDGE && found == NULL; side++) {
        const char *name = rf_side_name(side);
        size_t len = strlen(name);
        if (text.len <= len + 1 || memcmp(text.ptr, name, len) != 0)
            continue;
        if (text.ptr[len] == ':') /* "entity:device/ID" */
            len += 1 + kind_length((rf_span){text.ptr + len + 1, text.len - len - 1});
        if (text.len <= len + 1 || text.ptr[len] != '/')
            continue;
        rf_span rest = {text.ptr + len + 1, text.len - len - 1};
        found = side == RF_EDGE ? in_pair(w, rest) : rf_subjects_find(w->subjects, side, rest.ptr, rest.len);
    }
    return found != NULL ? found : in_pair(w, text);
}

static rf_status write_hash(walk *w, const char *hash)
{
    w->n++;
    return rf_text_printf(w->out, w->err, "\"erased:%s\"", hash);
}

/* Numbers in a sentence are figures, not ids. */
static bool is_figure(const rf_data_subject *subject)
{
    static const char figure[] = "0123456789+-.,:%";
    return strspn(subject->id.ptr, figure) == subject->id.len;
}

/* The next subject in what people wrote, which goes on behind *at + *len. NULL: none. */
static const rf_data_subject *next_in_prose(const rf_subjects *subjects, rf_span text, const char **at,
                                            size_t *len)
{
    const rf_data_subject *found;
    const char *end = text.ptr + text.len;
    while ((found = rf_subjects_in_text(subjects, text, at, len)) != NULL && is_figure(found)) {
        text.ptr = *at + *len;
        text.len = (size_t)(end - text.ptr);
    }
    return found;
}

/* What people wrote: its words, from the text as the file has it. */
static rf_status hash_words(walk *w, rf_span raw)
{
    rf_status st = RF_OK;
    rf_span rest = raw;
    const char *at = NULL;
    size_t len = 0;
    RF_TRY(rf_text_add(w->out, "\"", 1, w->err));
    for (const rf_data_subject *found; (found = next_in_prose(w->subjects, rest, &at, &len)) != NULL;) {
        RF_TRY(rf_text_add(w->out, rest.ptr, (size_t)(at - rest.ptr), w->err));
        RF_TRY(rf_subject_rename(w->out, found, w->err));
        rest.len -= (size_t)(at + len - rest.ptr);
        rest.ptr = at + len;
        w->n++;
    }
    RF_TRY(rf_text_add(w->out, rest.ptr, rest.len, w->err));
    RF_TRY(rf_text_add(w->out, "\"", 1, w->err));
done:
    return st;
}

/* As many digits of the hash as the text has bytes. */
static rf_status write_mask(walk *w, size_t len, const char *hash)
{
    rf_status st = RF_OK;
    w->n++;
    RF_TRY(rf_text_add(w->out, "\"", 1, w->err));
    for (size_t i = 0; i < len; i++)
        RF_TRY(rf_text_add(w->out, &hash[i % (RF_HASH_HEX - 1)], 1, w->err));
    RF_TRY(rf_text_add(w->out, "\"", 1, w->err));
done:
    return st;
}

static bool is_left_alone(const walk *w, rf_span key)
{
    for (int i = 0; i < w->n_names; i++) {
        if (key_is(key, w->names[i]))
            return true;
    }
    return false;
}

static bool is_prose(rf_span key)
{
    return key_is(key, "reason") || key_is(key, "author") || key_is(key, "error") || key_is(key, "why");
}

/* A column "ATTRIBUTE=ID": the subject, NULL for other texts. */
static const rf_data_subject *column_of(const walk *w, rf_span text)
{
    const char *equals = memchr(text.ptr, '=', text.len);
    return equals == NULL ? NULL
                          : rf_subjects_find(w->subjects, RF_NO_SIDE, equals + 1,
                                             (size_t)(text.ptr + text.len - equals - 1));
}

/* text: decoded. Its attribute is written again, with the escapes that it needs. */
static rf_status rename_column(walk *w, rf_span text, const rf_data_subject *subject)
{
    rf_status st = RF_OK;
    rf_json *json = NULL;
    const char *attribute, *equals = memchr(text.ptr, '=', text.len);
    size_t len;
    RF_TRY(rf_json_new(&json, w->err));
    rf_json_text(json, text.ptr, (size_t)(equals + 1 - text.ptr));
    RF_TRY(rf_json_end(json, &attribute, &len, w->err));
    RF_TRY(rf_text_add(w->out, attribute, len - 1, w->err)); /* its closing quote comes later */
    RF_TRY(rf_subject_rename(w->out, subject, w->err));
    RF_TRY(rf_text_add(w->out, "\"", 1, w->err));
    w->n++;
done:
    rf_json_free(json);
    return st;
}

/* The text after its opening quote. */
static rf_status pass_text(walk *w, rf_span key)
{
    rf_status st = RF_OK;
    rf_span raw;
    bool escaped;
    char unkeyed[RF_HASH_HEX];
    const char *at;
    size_t len;
    if (!rf_json_read_text(&w->scan, &raw, &escaped))
        return broken(w);
    rf_text_reset(&w->decoded);
    RF_TRY(rf_text_add(&w->decoded, raw.ptr, raw.len, w->err));
    if (escaped)
        w->decoded.len = rf_json_unescape(w->decoded.ptr, raw);
    const rf_span decoded = {w->decoded.ptr, w->decoded.len};
    const rf_data_subject *subject = w->what == MASK
                                         ? rf_subjects_find(w->subjects, RF_NO_SIDE, decoded.ptr, decoded.len)
                                         : named_by(w, key, decoded);
    if (w->what == MASK && subject != NULL && !is_left_alone(w, key))
        return write_mask(w, raw.len, subject->hash);
    bool rewrites = w->what == HASH || w->what == CUT;
    bool in_prose = is_prose(key) && next_in_prose(w->subjects, raw, &at, &len) != NULL;
    const rf_data_subject *column = column_of(w, decoded);
    if (w->what == HASH && subject != NULL)
        return write_hash(w, subject->hash);
    if (rewrites && in_prose)
        return hash_words(w, raw);
    if (rewrites && column != NULL)
        return rename_column(w, decoded, column);
    if (w->what == HASH && w->linked && (key_is(key, "ce_id") || key_is(key, "alert_id"))) {
        RF_TRY(rf_keyed_hash(unkeyed, w->subjects->key, "ce_id", raw.ptr, raw.len, w->err));
        return write_hash(w, unkeyed);
    }
    RF_TRY(copy(w, raw.ptr - 1, raw.ptr + raw.len + 1));
    if (subject != NULL || (w->what == FIND && (in_prose || column != NULL)))
        st = RF_SKIPPED;
done:
    return st;
}

/* ---- objects and arrays ---- */

static rf_status pass_member(walk *w)
{
    rf_status st = RF_OK;
    rf_span key;
    bool escaped;
    const char *from = w->scan.at;
    if (!rf_json_expect(&w->scan, '"', "a key is needed") || !rf_json_read_text(&w->scan, &key, &escaped))
        return broken(w);
    rf_json_pass_space(&w->scan);
    if (!rf_json_expect(&w->scan, ':', "a colon is needed"))
        return broken(w);
    rf_json_pass_space(&w->scan);
    RF_TRY(copy(w, from, w->scan.at));
    st = pass_value(w, key);
done:
    return st;
}

/* An element that names somebody leaves nothing behind when it is cut, not even its comma. */
static rf_status pass_element(walk *w, rf_span key, bool *any)
{
    rf_status st = RF_OK;
    size_t before = w->out == NULL ? 0 : w->out->len;
    if (w->what == CUT && *any)
        RF_TRY(rf_text_add(w->out, ",", 1, w->err));
    st = pass_value(w, key);
    if (st == RF_SKIPPED && w->what == CUT) {
        w->out->len = before;
        w->out->ptr[before] = '\0';
        w->n++;
        return RF_OK;
    }
    *any = true;
done:
    return st;
}

/* An object or an array, after its opening bracket. */
static rf_status pass_items(walk *w, rf_span key, char close)
{
    rf_status st = RF_OK;
    bool names = false, any = false, array = close == ']';
    const char *from = w->scan.at - 1;
    if (++w->depth > RF_JSON_MAX_DEPTH)
        return broken(w);
    RF_TRY(copy(w, from, w->scan.at));
    for (bool first = true;; first = false) {
        RF_TRY(pass_space(w));
        if (rf_json_next_is(&w->scan, close))
            break;
        if (!first) {
            if (!rf_json_expect(&w->scan, ',', "a comma is needed"))
                return broken(w);
            if (!array || w->what != CUT)
                RF_TRY(copy(w, w->scan.at - 1, w->scan.at));
            RF_TRY(pass_space(w));
        }
        st = array ? pass_element(w, key, &any) : pass_member(w);
        if (st < 0)
            return st;
        names = names || st == RF_SKIPPED;
    }
    RF_TRY(copy(w, w->scan.at - 1, w->scan.at));
    w->depth--;
    st = names ? RF_SKIPPED : RF_OK;
done:
    return st;
}

static rf_status pass_value(walk *w, rf_span key)
{
    rf_status st = RF_OK;
    if (rf_json_next_is(&w->scan, '{')) {
        st = pass_items(w, key, '}');
    } else if (rf_json_next_is(&w->scan, '[')) {
        st = pass_items(w, key, ']');
    } else if (rf_json_next_is(&w->scan, '"')) {
        st = pass_text(w, key);
    } else {
        const char *from = w->scan.at;
        st = rf_json_pass_value(&w->scan) ? copy(w, from, w->scan.at) : broken(w);
    }
    return st;
}

static rf_status pass_document(walk *w)
{
    rf_status st = RF_OK, named = RF_OK;
    RF_TRY(pass_space(w));
    named = pass_value(w, (rf_span){"", 0});
    RF_TRY(named);
    RF_TRY(pass_space(w));
    st = w->scan.at == w->scan.end ? named : broken(w);
done:
    rf_text_clear(&w->decoded);
    return st;
}

/* ---- documents ---- */

rf_status rf_subjects_in_json(bool *named, const rf_subjects *subjects, rf_span value, rf_err *err)
{
    walk w = {.scan = rf_json_scan_of(value), .what = FIND, .subjects = subjects, .err = err};
    rf_status st = pass_document(&w);
    if (st < 0)
        return st;
    *named = st == RF_SKIPPED;
    return RF_OK;
}

rf_status rf_subjects_cut_json(rf_text *out, const rf_subjects *subjects, rf_span value, int64_t *cut,
                               bool *whole, rf_err *err)
{
    walk w = {.scan = rf_json_scan_of(value), .what = CUT, .subjects = subjects, .out = out, .err = err};
    rf_status st = pass_document(&w);
    *cut = w.n;
    *whole = st == RF_SKIPPED;
    return st < 0 ? st : RF_OK;
}

rf_status rf_subjects_hash_json(rf_text *out, const rf_subjects *subjects, rf_span value, int64_t *n,
                                rf_err *err)
{
    walk w = {.scan = rf_json_scan_of(value), .what = HASH, .subjects = subjects, .out = out, .err = err};
    rf_status st = rf_subjects_in_json(&w.linked, subjects, value, err);
    if (st >= 0)
        st = pass_document(&w);
    *n = w.n;
    return st < 0 ? st : RF_OK;
}

rf_status rf_subjects_mask_json(rf_text *out, const rf_subjects *subjects, rf_span value,
                                const char *const *names, int n_names, int64_t *n, rf_err *err)
{
    walk w = {.scan = rf_json_scan_of(value),
              .what = MASK,
              .subjects = subjects,
              .out = out,
              .names = names,
              .n_names = n_names,
              .err = err};
    rf_status st = pass_document(&w);
    *n = w.n;
    return st < 0 ? st : RF_OK;
}
