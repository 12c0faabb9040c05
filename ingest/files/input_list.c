/* input_list.c - which files are read, in which order: globs, sorted within each, no file twice. */
#include "input_list_int.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "deep_glob_int.h"
#include "rf_file.h"
#include "rf_mem.h"

typedef struct identity {
    dev_t device;
    ino_t inode;
} identity;

typedef struct building {
    rf_input_list *list;
    identity *identities; /* [list->n] */
    size_t cap_paths, cap_identities;
} building;

static rf_status add_path(building *build, const char *path, rf_err *err)
{
    struct stat info;
    rf_status st = RF_OK;
    rf_input_list *list = build->list;

    if (stat(path, &info) != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be opened: %s", path, strerror(errno));
    for (size_t i = 0; i < list->n; i++) {
        if (build->identities[i].device == info.st_dev && build->identities[i].inode == info.st_ino)
            return RF_OK;
    }
    RF_RESERVE(list->paths, build->cap_paths, list->n + 1, err);
    RF_RESERVE(build->identities, build->cap_identities, list->n + 1, err);
    char *copy = rf_mem_text(path, strlen(path), err);
    if (copy == NULL)
        return RF_E_NOMEM;
    build->identities[list->n] = (identity){info.st_dev, info.st_ino};
    list->paths[list->n++] = copy;
    if (!S_ISREG(info.st_mode))
        list->bytes = -1;
    else if (list->bytes >= 0)
        list->bytes += info.st_size;
done:
    return st;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Nothing there: a mistake, unless what was there is gone. Rotated files may all be. */
static rf_status check_known(const char *pattern, const rf_positions *known, rf_err *err)
{
    rf_status st = RF_OK;
    bool was_read = false;
    for (size_t i = 0; known != NULL && !was_read && i < known->n; i++)
        was_read = known->items[i].partition < 0 && rf_deep_match(pattern, known->items[i].name);
    if (!was_read)
        RF_FAIL(err, RF_E_IO, "\"%s\" matches no file; check source.paths", pattern);
done:
    return st;
}

/* A pattern with a part **. */
static rf_status add_deep_glob(building *build, const char *pattern, const char *results,
                               const rf_positions *known, rf_err *err)
{
    rf_status st = RF_OK;
    rf_found_paths found = {0};
    RF_TRY(rf_deep_glob(&found, pattern, results, err));
    for (size_t i = 0; i < found.n; i++)
        RF_TRY(add_path(build, found.paths[i], err));
    if (found.n == 0)
        RF_TRY(check_known(pattern, known, err));
done:
    rf_found_paths_clear(&found);
    return st;
}

static rf_status add_glob(building *build, const char *pattern, const rf_positions *known, rf_err *err)
{
    rf_status st = RF_OK;
    glob_t found = {0};
    int result = glob(pattern, GLOB_NOSORT, NULL, &found); /* it would sort by locale */
    if (result == GLOB_NOSPACE)
        RF_FAIL(err, RF_E_NOMEM, "out of memory while looking for \"%s\"", pattern);
    if (result == GLOB_NOMATCH) {
        if (rf_path_exists(pattern)) { /* a name that happens to hold a bracket */
            st = add_path(build, pattern, err);
            goto done;
        }
        RF_TRY(check_known(pattern, known, err));
        goto done;
    }
    if (result != 0)
        RF_FAIL(err, RF_E_IO, "\"%s\": the folder cannot be read", pattern);
    qsort(found.gl_pathv, found.gl_pathc, sizeof *found.gl_pathv, by_bytes);
    for (size_t i = 0; i < found.gl_pathc; i++)
        RF_TRY(add_path(build, found.gl_pathv[i], err));
done:
    globfree(&found);
    return st;
}

rf_status rf_input_list_make(rf_input_list *out, const char *const *globs, int n_globs, const char *results,
                             const rf_positions *known, rf_err *err)
{
    rf_status st = RF_OK;
    rf_input_list list = {0};
    building build = {.list = &list};
    if (n_globs == 0)
        RF_FAIL(err, RF_E_INVALID, "source.paths names no file");
    for (int i = 0; i < n_globs; i++)
        RF_TRY(rf_glob_is_deep(globs[i]) ? add_deep_glob(&build, globs[i], results, known, err)
                                         : add_glob(&build, globs[i], known, err));
    *out = list;
    list = (rf_input_list){0};
done:
    rf_mem_free(build.identities);
    rf_input_list_clear(&list);
    return st;
}

void rf_input_list_clear(rf_input_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        rf_mem_free(list->paths[i]);
    rf_mem_free(list->paths);
    *list = (rf_input_list){0};
}

static bool cut_ending(size_t *len, const char *path, const char *ending)
{
    size_t n = strlen(ending);
    if (*len <= n || strncmp(path + *len - n, ending, n) != 0)
        return false;
    *len -= n;
    return true;
}

rf_source_format rf_format_by_name(const char *path)
{
    size_t len = strlen(path);
    if (!cut_ending(&len, path, ".gz") && !cut_ending(&len, path, ".zst"))
        (void)cut_ending(&len, path, ".zstd");
    if (cut_ending(&len, path, ".csv") || cut_ending(&len, path, ".tsv"))
        return RF_FORMAT_CSV;
    if (cut_ending(&len, path, ".jsonl") || cut_ending(&len, path, ".json") ||
        cut_ending(&len, path, ".ndjson"))
        return RF_FORMAT_JSONL;
    return RF_FORMAT_AUTO;
}
