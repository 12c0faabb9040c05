/* erase_check.c - reads every file once more, whatever was done with it: does anything still name a subject?
 *
 * Text files are read line by line, unpacked. HDF5 files are read byte by byte, so that what the library left
 * between its datasets is seen as well; an id of a few bytes can stand there by chance, and is looked for in
 * the texts alone.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "erase_int.h"
#include "rf_h5.h"
#include "rf_mem.h"

#define BLOCK_BYTES ((size_t)1 << 20)
#define OVERLAP_BYTES ((size_t)8192) /* more than the longest form of an id */
#define SHORTEST_RAW 6               /* bytes of an id that do not occur by chance */

/* ---- HDF5 ---- */

typedef struct raw_search {
    const rf_subjects *subjects;
    rf_h5 *file;
    bool named;
} raw_search;

rf_status rf_erase_long_ids(rf_subjects *out, const rf_subjects *all, rf_err *err)
{
    rf_status st = RF_OK;
    out->key = all->key;
    for (size_t i = 0; i < all->n; i++) {
        if (all->at[i].id.len >= SHORTEST_RAW)
            RF_TRY(rf_subjects_add(out, all->at[i].side, all->at[i].id.ptr, all->at[i].id.len, err));
    }
done:
    return st;
}

static rf_status in_bytes(bool *named, const char *path, const rf_subjects *subjects, rf_err *err)
{
    rf_status st = RF_OK;
    rf_subjects chosen = {0};
    char *block = NULL;
    size_t kept = 0, n = 1;
    const char *at;
    size_t len;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    RF_TRY(rf_erase_long_ids(&chosen, subjects, err));
    RF_NEW(block, OVERLAP_BYTES + BLOCK_BYTES, err);
    while (n > 0 && !*named) {
        n = fread(block + kept, 1, BLOCK_BYTES, file);
        if (ferror(file))
            RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", path, strerror(errno));
        *named = rf_subjects_in_text(&chosen, (rf_span){block, kept + n}, &at, &len) != NULL;
        size_t all = kept + n;
        kept = all < OVERLAP_BYTES ? all : OVERLAP_BYTES;
        memmove(block, block + all - kept, kept);
    }
done:
    if (file != NULL)
        (void)fclose(file);
    rf_mem_free(block);
    rf_subjects_clear(&chosen);
    return st;
}

static bool value_names(const rf_subjects *subjects, const char *text)
{
    const char *equals = strchr(text, '=');
    return rf_subjects_find(subjects, RF_NO_SIDE, text, strlen(text)) != NULL ||
           (equals != NULL && rf_subjects_find(subjects, RF_NO_SIDE, equals + 1, strlen(equals + 1)) != NULL);
}

/* The side whose ids a dataset holds, by its name; RF_SIDES: nothing that others do not hold. */
static rf_side side_of(const char *name)
{
    static const struct {
        const char *ending;
        rf_side side;
    } names[] = {{"/u/id", RF_USER},
                 {"/v/id", RF_ENTITY},
                 {"/user", RF_USER},
                 {"/entity", RF_ENTITY},
                 {"/key", RF_SIDES} /* of an alert: `user` and `entity` beside it say whose it is */};
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i].ending);
        if (len >= n && strcmp(name + len - n, names[i].ending) == 0)
            return names[i].side;
    }
    return RF_NO_SIDE;
}

static rf_status look_at_dataset(void *context, const char *name, int rank, const int64_t *dims,
                                 const char *type_name, rf_err *err)
{
    rf_status st = RF_OK;
    raw_search *s = context;
    rf_texts texts = {0};
    rf_side side = side_of(name);
    (void)dims;
    if (rank != 1 || s->named || side == RF_SIDES || strcmp(type_name, "string") != 0)
        return RF_OK;
    RF_TRY(rf_h5_read_texts(s->file, name, &texts, err));
    for (int64_t i = 0; i < texts.n && !s->named; i++) {
        const char *text = rf_texts_get(&texts, i);
        s->named = side == RF_NO_SIDE ? value_names(s->subjects, text)
                                      : rf_subjects_find(s->subjects, side, text, strlen(text)) != NULL;
    }
done:
    rf_texts_clear(&texts);
    return st;
}

static rf_status in_texts(bool *named, const char *path, const rf_subjects *subjects, rf_err *err)
{
    rf_status st = RF_OK;
    raw_search s = {.subjects = subjects};
    RF_TRY(rf_h5_open(&s.file, path, err));
    RF_TRY(rf_h5_visit(s.file, "/", look_at_dataset, &s, err));
    *named = *named || s.named;
done:
    rf_h5_close(&s.file);
    return st;
}

/* ---- all files ---- */

static rf_status check_file(rf_erase *e, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    char *format = NULL;
    bool named = false;
    int64_t ours = 0, foreign = 0;
    rf_err why = {0};
    struct stat info;
    const char *at;
    size_t len;
    if (stat(path, &info) == 0)
        e->checked_bytes += info.st_size;
    e->checked_files++;
    if (rf_subjects_in_text(&e->subjects, (rf_span){path, strlen(path)}, &at, &len) != NULL)
        RF_TRY(rf_erase_left(e, path, false, "its name has the id of a subject; rename it", err));
    RF_TRY(rf_erase_format(&format, path, err));
    if (format != NULL) {
        RF_TRY(in_bytes(&named, path, &e->subjects, err));
        st = in_texts(&named, path, &e->subjects, &why);
        if (st < 0 && st != RF_E_FORMAT)
            RF_FAIL(err, st, "%s", why.msg);
        if (st < 0)
            RF_TRY(rf_erase_left(e, path, true, why.msg, err));
        else if (named)
            RF_TRY(
                rf_erase_left(e, path, strncmp(format, "ringfence", 9) == 0, "still names a subject", err));
        goto done;
    }
    st = rf_erase_look(e, path, &ours, &foreign, &why);
    if (st == RF_E_FORMAT)
        RF_TRY(rf_erase_left(e, path, false, why.msg, err));
    else if (st < 0)
        RF_FAIL(err, st, "%s", why.msg);
    if (ours > 0)
        RF_TRY(rf_erase_left(e, path, true, "still names a subject", err));
    else if (foreign > 0)
        RF_TRY(rf_erase_left(e, path, false,
                             "has the id of a subject as a word; ringfence did not write it, look at it",
                             err));
    st = RF_OK;
done:
    rf_mem_free(format);
    return st;
}

rf_status rf_erase_check(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_erase_list(e, err));
    for (size_t i = 0; i < e->files.n; i++)
        RF_TRY(check_file(e, e->files.at[i], err));
done:
    return st;
}
