/* deep_glob.c - finds the files of a glob with **, which glob() reads as one folder's name.
 *
 * The pattern is split at its first **: what stands before it names folders, and what stands behind it is
 * looked for in each of them and in every folder below.
 */
#include "deep_glob_int.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rf_mem.h"
#include "rf_text.h"

#define DEEPEST 64 /* folders below the first */

/* The ** that is a whole part; NULL: none is. */
static const char *first_deep(const char *pattern)
{
    for (const char *at = strstr(pattern, "**"); at != NULL; at = strstr(at + 1, "**")) {
        if ((at == pattern || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
            return at;
    }
    return NULL;
}

bool rf_glob_is_deep(const char *pattern)
{
    return first_deep(pattern) != NULL;
}

void rf_found_paths_clear(rf_found_paths *found)
{
    for (size_t i = 0; i < found->n; i++)
        rf_mem_free(found->paths[i]);
    rf_mem_free(found->paths);
    *found = (rf_found_paths){0};
}

static rf_status list(glob_t *out, const char *pattern, rf_err *err)
{
    rf_status st = RF_OK;
    int result = glob(pattern, GLOB_NOSORT, NULL, out);
    if (result == GLOB_NOSPACE)
        RF_FAIL(err, RF_E_NOMEM, "out of memory while looking for \"%s\"", pattern);
    if (result != 0 && result != GLOB_NOMATCH)
        RF_FAIL(err, RF_E_IO, "\"%s\": a folder cannot be read", pattern);
    if (result == GLOB_NOMATCH)
        out->gl_pathc = 0;
done:
    return st;
}

/* What is looked for. */
typedef struct search {
    rf_found_paths *found;
    bool has_results; /* a folder that is not entered */
    dev_t device;
    ino_t inode;
    int parts; /* before the first ** */
} search;

static bool is_results(const search *s, const struct stat *folder)
{
    return s->has_results && folder->st_dev == s->device && folder->st_ino == s->inode;
}

/* Does the way from the first ** to the file lead through the folder of results? */
static rf_status passes_results(bool *passes, const search *s, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text folder = {0};
    struct stat info;
    int part = 0;
    *passes = false;
    for (const char *slash = strchr(path, '/'); s->has_results && slash != NULL && !*passes;
         slash = strchr(slash + 1, '/')) {
        if (part++ < s->parts)
            continue;
        rf_text_reset(&folder);
        RF_TRY(rf_text_add(&folder, path, (size_t)(slash - path), err));
        *passes = stat(folder.ptr, &info) == 0 && is_results(s, &info);
    }
done:
    rf_text_clear(&folder);
    return st;
}

static rf_status add_files(const search *s, const char *pattern, rf_err *err)
{
    rf_status st = RF_OK;
    glob_t names = {0};
    struct stat info;
    rf_found_paths *found = s->found;
    RF_TRY(list(&names, pattern, err));
    for (size_t i = 0; i < names.gl_pathc; i++) {
        const char *name = names.gl_pathv[i];
        bool passes;
        RF_TRY(passes_results(&passes, s, name, err));
        if (passes || (stat(name, &info) == 0 && S_ISDIR(info.st_mode)))
            continue;
        RF_RESERVE(found->paths, found->cap, found->n + 1, err);
        found->paths[found->n] = rf_mem_text(name, strlen(name), err);
        if (found->paths[found->n] == NULL) {
            st = RF_E_NOMEM;
            goto done;
        }
        found->n++;
    }
done:
    globfree(&names);
    return st;
}

/* A folder's name as a pattern that means nothing else. */
static rf_status add_literal(rf_text *text, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    for (; *name != '\0'; name++)
        RF_TRY(rf_text_printf(text, err, "%s%c", strchr("\\*?[", *name) == NULL ? "" : "\\", *name));
done:
    return st;
}

static rf_status find(const search *s, const char *pattern, int depth, rf_err *err);

/* `folders` is a pattern of folders with its slash, or empty; `rest` stands behind the ** and its slash. */
static rf_status find_below(const search *s, const char *folders, const char *rest, int depth, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text pattern = {0};
    glob_t below = {0};
    struct stat info;
    RF_TRY(rf_text_printf(&pattern, err, "%s%s", folders, *rest == '\0' ? "*" : rest));
    RF_TRY(find(s, pattern.ptr, depth, err));
    rf_text_reset(&pattern);
    RF_TRY(rf_text_printf(&pattern, err, "%s*", folders));
    RF_TRY(list(&below, pattern.ptr, err));
    for (size_t i = 0; i < below.gl_pathc && depth < DEEPEST; i++) {
        if (lstat(below.gl_pathv[i], &info) != 0 || !S_ISDIR(info.st_mode) || is_results(s, &info))
            continue;
        rf_text_reset(&pattern);
        RF_TRY(add_literal(&pattern, below.gl_pathv[i], err));
        RF_TRY(rf_text_printf(&pattern, err, "/"));
        RF_TRY(find_below(s, pattern.ptr, rest, depth + 1, err));
    }
done:
    globfree(&below);
    rf_text_clear(&pattern);
    return st;
}

static rf_status find(const search *s, const char *pattern, int depth, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text folders = {0};
    const char *deep = first_deep(pattern);
    if (deep == NULL)
        return add_files(s, pattern, err);
    RF_TRY(rf_text_printf(&folders, err, "%.*s", (int)(deep - pattern), pattern));
    RF_TRY(find_below(s, folders.ptr, deep[2] == '\0' ? "" : deep + 3, depth, err));
done:
    rf_text_clear(&folders);
    return st;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

rf_status rf_deep_glob(rf_found_paths *out, const char *pattern, const char *results, rf_err *err)
{
    rf_status st = RF_OK;
    rf_found_paths found = {0};
    search s = {.found = &found};
    struct stat info;
    size_t n = 0;
    if (results != NULL && stat(results, &info) == 0) {
        s.has_results = true;
        s.device = info.st_dev;
        s.inode = info.st_ino;
    }
    for (const char *at = pattern, *deep = first_deep(pattern); deep != NULL && at < deep; at++)
        s.parts += *at == '/';
    RF_TRY(find(&s, pattern, 0, err));
    if (found.n > 0)
        qsort(found.paths, found.n, sizeof *found.paths, by_bytes);
    for (size_t i = 0; i < found.n; i++) { /* two ** lead to a file in several ways */
        if (n > 0 && strcmp(found.paths[n - 1], found.paths[i]) == 0)
            rf_mem_free(found.paths[i]);
        else
            found.paths[n++] = found.paths[i];
    }
    found.n = n;
    *out = found;
    found = (rf_found_paths){0};
done:
    rf_found_paths_clear(&found);
    return st;
}

/* The ** matches nothing, or any number of parts. */
bool rf_deep_match(const char *pattern, const char *path)
{
    char head[4096];
    const char *deep = first_deep(pattern);
    if (deep == NULL)
        return fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD) == 0;
    const char *rest = deep[2] == '\0' ? "*" : deep + 3;
    int parts = 0; /* before the ** */
    for (const char *at = pattern; at < deep; at++)
        parts += *at == '/';
    const char *below = path;
    for (int i = 0; i < parts && below != NULL; i++)
        below = strchr(below, '/') == NULL ? NULL : strchr(below, '/') + 1;
    if (below == NULL || (size_t)(below - path) >= sizeof head || (size_t)(deep - pattern) >= sizeof head)
        return false;
    char pattern_head[4096];
    memcpy(head, path, (size_t)(below - path));
    head[below - path] = '\0';
    memcpy(pattern_head, pattern, (size_t)(deep - pattern));
    pattern_head[deep - pattern] = '\0';
    if (fnmatch(pattern_head, head, FNM_PATHNAME | FNM_PERIOD) != 0)
        return false;
    for (; below != NULL; below = strchr(below, '/') == NULL ? NULL : strchr(below, '/') + 1) {
        if (rf_deep_match(rest, below))
            return true;
    }
    return false;
}
