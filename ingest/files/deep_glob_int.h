/* deep_glob_int.h - globs in which a part ** stands for folders of any depth. */
#ifndef RF_DEEP_GLOB_INT_H
#define RF_DEEP_GLOB_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "rf_status.h"

bool rf_glob_is_deep(const char *pattern); /* has a part that is ** */

/* The files that match, sorted by bytes, each once; none is no failure. Hidden folders and links to folders
 * are not entered, nor is the folder `results` (NULL: none), unless it stands before the first **. */
typedef struct rf_found_paths {
    char **paths; /* rf_mem texts, as the array is */
    size_t n, cap;
} rf_found_paths;
RF_MUST_CHECK rf_status rf_deep_glob(rf_found_paths *out, const char *pattern, const char *results,
                                     rf_err *err);
void rf_found_paths_clear(rf_found_paths *found);
/* Does the path match? */
bool rf_deep_match(const char *pattern, const char *path);

#endif
