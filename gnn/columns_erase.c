/* columns_erase.c - the columns of a model that are called by the id of a subject get another name.
 *
 * The graph gets the same name when its state is rewritten, so the model still fits it. */
#include <stdio.h>
#include <string.h>

#include "columns_int.h"
#include "checkpoint_int.h"
#include "rf_h5.h"
#include "rf_model.h"

typedef struct columns {
    rf_kinds kinds;
    rf_texts of[RF_SIDES_MOST]; /* their names */
    const rf_subjects *subjects;
} columns;

typedef struct renamed { /* the names of one side as they are written */
    const columns *columns;
    rf_side side;
    rf_text text;
    rf_status st;
    rf_err *err;
} renamed;

typedef struct object_name {
    char text[RF_COLUMNS_PATH];
} object_name;

static object_name names_of(const columns *c, rf_side side)
{
    object_name name;
    rf_columns_path(name.text, &c->kinds, side, "name");
    return name;
}

/* The subject that a column is named after; NULL: none. */
static const rf_data_subject *named_after(const rf_subjects *subjects, const char *name)
{
    const char *equals = strchr(name, '=');
    return equals == NULL ? NULL : rf_subjects_find(subjects, RF_NO_SIDE, equals + 1, strlen(equals + 1));
}

/* On any side: a value has one name in the graph, too. */
static bool is_taken(const void *context, const rf_text *name)
{
    const columns *c = context;
    for (rf_side s = 0; s < rf_sides(&c->kinds); s++) {
        for (int64_t i = 0; i < c->of[s].n; i++) {
            if (strcmp(rf_texts_get(&c->of[s], i), name->ptr) == 0)
                return true;
        }
    }
    return false;
}

static const char *name_at(void *context, int64_t i)
{
    renamed *r = context;
    const char *name = rf_texts_get(&r->columns->of[r->side], i);
    const rf_data_subject *subject = named_after(r->columns->subjects, name);
    if (subject == NULL)
        return name;
    rf_text_reset(&r->text);
    rf_status st = rf_text_add(&r->text, name, (size_t)(strchr(name, '=') + 1 - name), r->err);
    if (st >= 0)
        st = rf_subject_rename_free(&r->text, subject, is_taken, r->columns, r->err);
    if (st < 0)
        r->st = st;
    return st < 0 ? "" : r->text.ptr;
}

static rf_status rename_side(rf_h5 *to, const columns *c, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    renamed r = {.columns = c, .side = side, .err = err};
    if (c->of[side].n == 0)
        return RF_OK;
    RF_TRY(rf_h5_remove(to, names_of(c, side).text, err));
    RF_TRY(rf_h5_write_texts_from(to, names_of(c, side).text, c->of[side].n, name_at, &r, err));
    st = r.st;
done:
    rf_text_clear(&r.text);
    return st;
}

rf_status rf_model_erase(int64_t *n, const char *path, const rf_subjects *subjects, bool write, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *from = NULL, *to = NULL;
    columns c = {.subjects = subjects};
    *n = 0;
    RF_TRY(rf_h5_open(&from, path, err));
    RF_TRY(rf_checkpoint_read_kinds(&c.kinds, from, err));
    for (rf_side s = 0; s < rf_sides(&c.kinds); s++) {
        if (rf_h5_exists(from, names_of(&c, s).text))
            RF_TRY(rf_h5_read_texts(from, names_of(&c, s).text, &c.of[s], err));
        for (int64_t i = 0; i < c.of[s].n; i++)
            *n += named_after(subjects, rf_texts_get(&c.of[s], i)) != NULL;
    }
    if (!write || *n == 0)
        goto done;
    RF_TRY(rf_h5_update(&to, from, err));
    for (rf_side s = 0; s < rf_sides(&c.kinds); s++)
        RF_TRY(rename_side(to, &c, s, err));
    RF_TRY(rf_h5_commit_over(&from, &to, err));
done:
    for (rf_side s = 0; s < RF_SIDES_MOST; s++)
        rf_texts_clear(&c.of[s]);
    rf_h5_close(&to);
    rf_h5_close(&from);
    return st;
}
