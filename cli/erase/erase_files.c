/* erase_files.c - which files an erasure looks at: all of the folder `output`, and those of the job that lie
 * elsewhere. */
#include "erase_int.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rf_beside.h"
#include "rf_file.h"
#include "rf_h5.h"
#include "rf_idmap.h"
#include "rf_mem.h"

#define MOST_FOLDERS 32 /* one in the other */

/* ---- lists ---- */

rf_status rf_paths_add(rf_paths *paths, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(paths->at, paths->cap, paths->n + 1, err);
    paths->at[paths->n] = rf_mem_text(path, strlen(path), err);
    if (paths->at[paths->n] == NULL)
        return RF_E_NOMEM;
    paths->n++;
done:
    return st;
}

void rf_paths_clear(rf_paths *paths)
{
    for (size_t i = 0; i < paths->n; i++)
        rf_mem_free(paths->at[i]);
    rf_mem_free(paths->at);
    *paths = (rf_paths){0};
}

bool rf_paths_have(const rf_paths *paths, const char *path)
{
    for (size_t i = 0; i < paths->n; i++) {
        if (rf_path_same_file(paths->at[i], path))
            return true;
    }
    return false;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- the folder, and the configured names ---- */

typedef struct listing {
    rf_erase *e;
    rf_idmap *seen; /* the names of all files, without links and dots */
} listing;

/* A journal, a lock, or what is being written: no file of results. */
static bool is_passing(const rf_erase *e, const char *path)
{
    size_t len = strlen(path);
    return rf_path_same_file(path, e->pending) || (len > 5 && strcmp(path + len - 5, ".lock") == 0);
}

/* What a killed writer left is removed; what is being written belongs to a living one. */
static rf_status clean(const char *path, rf_err *err)
{
    const char *temporary = strstr(path, ".tmp-");
    char *target = temporary == NULL ? NULL : rf_mem_text(path, (size_t)(temporary - path), err);
    if (temporary == NULL)
        return RF_OK;
    rf_status st = target == NULL ? RF_E_NOMEM : rf_beside_clean(target, err);
    rf_mem_free(target);
    return st;
}

/* Each file once, whatever links and spellings lead to it. Hard links are files of their own: one that is
 * replaced leaves the other as it was. */
static rf_status add_file(listing *list, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat info;
    char *name = NULL;
    int is_new = 0;
    uint32_t id;
    if (path == NULL)
        return RF_OK;
    RF_TRY(clean(path, err));
    if (strcmp(path, "-") == 0 || rf_path_descriptor(path) >= 0 || stat(path, &info) != 0 ||
        !S_ISREG(info.st_mode) || is_passing(list->e, path))
        return RF_OK;
    name = realpath(path, NULL);
    const char *key = name != NULL ? name : path;
    RF_TRY(rf_idmap_intern(list->seen, key, strlen(key), &id, &is_new, err));
    if (is_new)
        RF_TRY(rf_paths_add(&list->e->files, path, err));
done:
    free(name);
    return st;
}

static rf_status add_folder(listing *list, const char *folder, int depth, rf_err *err)
{
    rf_status st = RF_OK;
    char *path = NULL;
    struct stat info;
    DIR *entries = opendir(folder);
    if (entries == NULL && errno == ENOENT)
        return RF_OK;
    if (entries == NULL)
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", folder, strerror(errno));
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        rf_mem_free(path);
        path = strcmp(folder, ".") == 0 ? rf_mem_text(entry->d_name, strlen(entry->d_name), err)
                                        : rf_path_join(folder, entry->d_name, err);
        if (path == NULL) {
            st = RF_E_NOMEM;
            goto done;
        }
        bool is_folder = lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
        if (is_folder && depth == MOST_FOLDERS)
            RF_TRY(rf_erase_left(list->e, path, true, "is nested too deeply to be searched", err));
        else if (is_folder)
            RF_TRY(add_folder(list, path, depth + 1, err));
        else
            RF_TRY(add_file(list, path, err));
    }
done:
    rf_mem_free(path);
    if (entries != NULL)
        closedir(entries);
    return st;
}

rf_status rf_erase_list(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_settings *s = e->job->settings;
    rf_text building = {0};
    const char *audit = s->files.audit;
    listing list = {.e = e};
    rf_paths_clear(&e->files);
    RF_TRY(rf_idmap_new(&list.seen, err));
    RF_TRY(rf_text_printf(&building, err, "%s.building", s->files.graph));
    const char *const ours[] = {s->files.graph,         building.ptr,     s->files.model, s->files.scores,
                                s->files.clusters,      s->emit.alerts,   s->emit.path,   audit,
                                s->source.dead_letters, s->files.picture, s->files.epochs};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) { /* what killed writers left goes with them */
        if (ours[i] != NULL && strcmp(ours[i], "-") != 0 && rf_path_descriptor(ours[i]) < 0)
            RF_TRY(rf_beside_clean(ours[i], err));
    }
    /* first, so that a file that the configuration names is called as it is there */
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        RF_TRY(add_file(&list, ours[i], err));
    /* a folder that nobody named is not searched: it may be anybody's */
    if (rf_settings_origin_of(s, "output") != RF_FROM_DEFAULT)
        RF_TRY(add_folder(&list, s->output, 0, err));
    if (s->files.shards != NULL)
        RF_TRY(add_folder(&list, s->files.shards, 0, err));
    qsort(e->files.at, e->files.n, sizeof *e->files.at, compare);
done:
    rf_idmap_free(list.seen);
    rf_text_clear(&building);
    return st;
}

rf_status rf_erase_format(char **format, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    unsigned char head[RF_H5_SIGNATURE_BYTES];
    rf_h5 *h5 = NULL;
    rf_err why = {0};
    *format = NULL;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    bool is_h5 =
        fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, RF_H5_SIGNATURE, sizeof head) == 0;
    (void)fclose(file);
    if (!is_h5)
        return RF_OK;
    st = rf_h5_open(&h5, path, &why);
    if (st < 0 && st != RF_E_FORMAT)
        RF_FAIL(err, st, "%s", why.msg);
    if (st >= 0 && rf_h5_has_attr(h5, "/", "format"))
        RF_TRY(rf_h5_read_attr_text(h5, "/", "format", format, err));
    else
        *format = rf_mem_text("", 0, err);
    st = *format == NULL ? RF_E_NOMEM : RF_OK;
done:
    rf_h5_close(&h5);
    return st;
}

rf_status rf_erase_left(rf_erase *e, const char *path, bool ours, const char *why, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text both = {0};
    RF_TRY(rf_text_printf(&both, err, "%s: %s", path, why));
    for (size_t i = 0; i < e->left.n; i++) { /* the folder is searched several times */
        if (strcmp(e->left.at[i], both.ptr) == 0)
            goto done;
    }
    RF_TRY(rf_paths_add(&e->left, both.ptr, err));
    e->left_ours += ours;
    e->left_foreign += !ours;
done:
    rf_text_clear(&both);
    return st;
}
