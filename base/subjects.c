/* subjects.c - the list of subjects that are to be erased, and the search for them in texts. */
#include "rf_subjects.h"

#include <assert.h>
#include <string.h>

#include "rf_escape.h"
#include "rf_event.h"
#include "rf_json.h"
#include "rf_mem.h"
#include "rf_quote.h"
#include "rf_secret.h"

/* ---- how texts may have an id ---- */

/* What held an id. */
static void wipe_text(rf_text *text)
{
    if (text->ptr != NULL)
        rf_wipe(text->ptr, text->cap);
    rf_text_clear(text);
}

/* The next form, unless an earlier one is the same. */
static void keep_form(rf_data_subject *subject)
{
    const rf_text *made = &subject->forms[subject->n_forms];
    for (int i = 0; i < subject->n_forms; i++) {
        if (subject->forms[i].len == made->len && memcmp(subject->forms[i].ptr, made->ptr, made->len) == 0) {
            wipe_text(&subject->forms[subject->n_forms]);
            return;
        }
    }
    subject->n_forms++;
}

/* A form, as it is or as a text of JSON (without its quotes). */
typedef struct spelling {
    bool spelled; /* what the file cannot hold is, as `plain` says */
    unsigned plain;
    bool json, escaped;
    rf_escape escape;
} spelling;

static const spelling forms[] = {
    {.json = true},
    {.spelled = true, .json = true, .escaped = true, .escape = RF_ESCAPE_SCRIPT},
    {.spelled = true, .json = true, .escaped = true, .escape = RF_ESCAPE_PAGE},
    {.spelled = true, .plain = RF_PLAIN_XML, .escaped = true, .escape = RF_ESCAPE_XML},
    {.spelled = true, .plain = RF_PLAIN_XML | RF_PLAIN_PEOPLE, .escaped = true, .escape = RF_ESCAPE_XML},
    {.spelled = true,
     .plain = RF_PLAIN_XML | RF_PLAIN_DOT | RF_PLAIN_PEOPLE,
     .escaped = true,
     .escape = RF_ESCAPE_DOT},
    {.spelled = true, .escaped = true, .escape = RF_ESCAPE_CSV},
    {.escaped = true, .escape = RF_ESCAPE_CSV},
    {.escaped = true, .escape = RF_ESCAPE_TOKEN},
};
_Static_assert(2 * (sizeof forms / sizeof *forms + 1) == RF_SUBJECT_FORMS, "there is room for every form");

static rf_status add_form(rf_data_subject *subject, const rf_text *id, const spelling *as, rf_json *json,
                          rf_text *spelled, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text *out = &subject->forms[subject->n_forms];
    const char *text = id->ptr;
    size_t len = id->len;
    if (as->spelled) {
        rf_text_reset(spelled);
        RF_TRY(rf_plain_add(spelled, text, as->plain, err));
        text = spelled->ptr;
        len = spelled->len;
    }
    if (as->json) {
        rf_json_reset(json);
        rf_json_text(json, text, len);
        RF_TRY(rf_json_end(json, &text, &len, err));
        text++;
        len -= 2;
    }
    if (as->escaped)
        RF_TRY(rf_escape_add(out, as->escape, text, len, err));
    else
        RF_TRY(rf_text_add(out, text, len, err));
    keep_form(subject);
done:
    return st;
}

static rf_status add_forms_of(rf_data_subject *subject, const rf_text *id, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = NULL;
    rf_text spelled = {0};
    RF_TRY(rf_text_add(&subject->forms[subject->n_forms++], id->ptr, id->len, err));
    RF_TRY(rf_json_new(&json, err));
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        RF_TRY(add_form(subject, id, &forms[i], json, &spelled, err));
done:
    rf_json_free(json);
    wipe_text(&spelled);
    return st;
}

/* The id, and the beginning of a long one as sentences have it. */
static rf_status add_forms(rf_data_subject *subject, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text said = {0};
    const size_t len = rf_quote_said(subject->id.ptr, subject->id.len);
    RF_TRY(add_forms_of(subject, &subject->id, err));
    if (len == subject->id.len)
        goto done;
    RF_TRY(rf_text_add(&said, subject->id.ptr, len, err));
    RF_TRY(rf_text_add(&said, RF_SAID_CUT, strlen(RF_SAID_CUT), err));
    RF_TRY(add_forms_of(subject, &said, err));
done:
    wipe_text(&said);
    return st;
}

/* ---- the list ---- */

static void clear_subject(rf_data_subject *subject)
{
    wipe_text(&subject->id);
    for (int i = 0; i < RF_SUBJECT_FORMS; i++)
        wipe_text(&subject->forms[i]);
}

rf_status rf_subjects_add(rf_subjects *subjects, rf_side side, const char *id, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    rf_data_subject made = {.side = side};
    uint32_t number;
    int is_new;
    assert(side == RF_USER || side == RF_ENTITY);
    if (rf_subjects_find(subjects, side, id, len) != NULL)
        return RF_OK;
    if (len == 0 || len > RF_MAX_ID_BYTES)
        RF_FAIL(err, RF_E_INVALID, "an id has 1 to %d bytes, this one %zu", RF_MAX_ID_BYTES, len);
    RF_TRY(rf_text_add(&made.id, id, len, err));
    RF_TRY(add_forms(&made, err));
    RF_TRY(rf_keyed_hash(made.hash, subjects->key, rf_side_name(side), id, len, err));
    if (subjects->ids == NULL)
        RF_TRY(rf_idmap_new(&subjects->ids, err));
    RF_RESERVE(subjects->at, subjects->cap, subjects->n + 1, err);
    RF_RESERVE(subjects->with_id, subjects->cap_ids, subjects->n + 1, err);
    RF_TRY(rf_idmap_intern(subjects->ids, id, len, &number, &is_new, err));
    if (is_new)
        subjects->with_id[number][RF_USER] = subjects->with_id[number][RF_ENTITY] = RF_NO_ID;
    subjects->with_id[number][side] = (uint32_t)subjects->n;
    subjects->at[subjects->n++] = made;
    made = (rf_data_subject){0};
done:
    clear_subject(&made);
    return st;
}

void rf_subjects_clear(rf_subjects *subjects)
{
    for (size_t i = 0; i < subjects->n; i++)
        clear_subject(&subjects->at[i]);
    rf_mem_free(subjects->at);
    rf_mem_free(subjects->with_id);
    rf_idmap_wipe(subjects->ids);
    rf_idmap_free(subjects->ids);
    *subjects = (rf_subjects){0};
}

/* ---- finding ---- */

const rf_data_subject *rf_subjects_find(const rf_subjects *subjects, rf_side side, const char *id, size_t len)
{
    uint32_t number = subjects->ids == NULL ? RF_NO_ID : rf_idmap_find(subjects->ids, id, len);
    if (number == RF_NO_ID || side > RF_ENTITY)
        return NULL;
    const uint32_t *with_id = subjects->with_id[number];
    uint32_t first = with_id[RF_USER] < with_id[RF_ENTITY] ? with_id[RF_USER] : with_id[RF_ENTITY];
    uint32_t found = side == RF_NO_SIDE ? first : with_id[side];
    return found == RF_NO_ID ? NULL : &subjects->at[found];
}

/* Part of a word: a letter, a digit, an underscore, any byte beyond ASCII. */
static bool is_word(char c)
{
    unsigned char b = (unsigned char)c;
    return b >= 0x80 || b == '_' || (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') ||
           (b >= 'a' && b <= 'z');
}

/* The first place where `word` stands by itself. */
static const char *find_word(rf_span text, const rf_text *word)
{
    const char *from = text.ptr, *end = text.ptr + text.len;
    while ((size_t)(end - from) >= word->len) {
        const char *at = memchr(from, word->ptr[0], (size_t)(end - from) - word->len + 1);
        if (at == NULL)
            return NULL;
        from = at + 1;
        if (memcmp(at, word->ptr, word->len) != 0 ||
            (at > text.ptr && is_word(at[-1]) && is_word(word->ptr[0])) ||
            (at + word->len < end && is_word(at[word->len]) && is_word(word->ptr[word->len - 1])))
            continue;
        return at;
    }
    return NULL;
}

const rf_data_subject *rf_subjects_in_text(const rf_subjects *subjects, rf_span text, const char **at,
                                           size_t *len)
{
    const rf_data_subject *found = NULL;
    for (size_t i = 0; i < subjects->n; i++) {
        for (int f = 0; f < subjects->at[i].n_forms; f++) {
            const rf_text *form = &subjects->at[i].forms[f];
            const char *place = find_word(text, form);
            if (place == NULL || (found != NULL && (place > *at || (place == *at && form->len <= *len))))
                continue;
            found = &subjects->at[i];
            *at = place;
            *len = form->len;
        }
    }
    return found;
}

rf_status rf_subject_rename(rf_text *out, const rf_data_subject *subject, rf_err *err)
{
    return rf_text_printf(out, err, "erased-%.12s", subject->hash);
}

rf_status rf_subject_rename_free(rf_text *out, const rf_data_subject *subject,
                                 bool (*taken)(const void *context, const rf_text *name), const void *context,
                                 rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_subject_rename(out, subject, err));
    for (size_t turn = 2, len = out->len; taken(context, out); turn++) {
        out->len = len;
        RF_TRY(rf_text_printf(out, err, "-%zu", turn));
    }
done:
    return st;
}
