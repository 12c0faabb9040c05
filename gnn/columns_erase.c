/* columns_erase.c - the columns of a model that are called by the id of a subject get another name.
 *
 * The graph gets the same name when its state is rewritten, so the model still fits it. */
#include <stdio.h>
#include <string.h>

#include "rf_h5.h"
#include "rf_mem.h"
#include "rf_model.h"

typedef struct renamed {
    const rf_texts *names;
    const rf_subjects *subjects;
    rf_text text;
    int64_t n;
    rf_status st;
    rf_err *err;
} renamed;

/* The subject that column i is named after; NULL: none. */
static const rf_data_subject *named_after(const renamed *r, int64_t i)
{
    const char *name = rf_texts_get(r->names, i), *equals = strchr(name, '=');
    return equals == NULL ? NULL : rf_subjects_find(r->subjects, RF_NO_SIDE, equals + 1, strlen(equals + 1));
}

static const char *name_at(void *context, int64_t i)
{
    renamed *r = context;
    const char *name = rf_texts_get(r->names, i);
    const rf_data_subject *subject = named_after(r, i);
    if (subject == NULL)
        return name;
    rf_text_reset(&r->text);
    rf_status st = rf_text_add(&r->text, name, (size_t)(strchr(name, '=') + 1 - name), r->err);
    if (st >= 0)
        st = rf_subject_rename(&r->text, subject, r->err);
    if (st < 0)
        r->st = st;
    return st < 0 ? "" : r->text.ptr;
}

static rf_status rename_side(int64_t *n, rf_h5 *from, rf_h5 *to, rf_side side, const rf_subjects *subjects,
                             rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts names = {0};
    renamed r = {.names = &names, .subjects = subjects, .err = err};
    char name[40];
    snprintf(name, sizeof name, "/model/columns/%c/name", rf_side_letter(side));
    if (!rf_h5_exists(from, name))
        return RF_OK;
    RF_TRY(rf_h5_read_texts(from, name, &names, err));
    for (int64_t i = 0; i < names.n; i++)
        r.n += named_after(&r, i) != NULL;
    if (r.n > 0 && to != NULL) {
        RF_TRY(rf_h5_remove(to, name, err));
        RF_TRY(rf_h5_write_texts_from(to, name, names.n, name_at, &r, err));
        RF_TRY(r.st);
    }
    *n += r.n;
done:
    rf_text_clear(&r.text);
    rf_texts_clear(&names);
    return st;
}

rf_status rf_model_erase(int64_t *n, const char *path, const rf_subjects *subjects, bool write, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *from = NULL, *to = NULL;
    *n = 0;
    RF_TRY(rf_h5_open(&from, path, err));
    if (write)
        RF_TRY(rf_h5_update(&to, from, err));
    for (rf_side s = 0; s < RF_SIDES; s++)
        RF_TRY(rename_side(n, from, to, s, subjects, err));
    if (write && *n > 0)
        RF_TRY(rf_h5_commit(to, err));
done:
    rf_h5_close(&to);
    rf_h5_close(&from);
    return st;
}
