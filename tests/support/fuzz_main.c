/* fuzz_main.c - replays a corpus: runs a fuzz target once on the empty input and once on every file given.
 *
 *   replay_<name> FILE-OR-FOLDER…
 *
 * Folders are not descended into. Files run in name order, and each name is printed first, so that a crash
 * names its input. libFuzzer searches for new inputs (scripts/fuzz.sh).
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input in a block of exactly its size: the sanitizers see a read past its end. */
static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat info;
    if (file == NULL || fstat(fileno(file), &info) != 0) {
        fprintf(stderr, "%s: cannot be read\n", path);
        if (file != NULL)
            fclose(file);
        return 1;
    }
    size_t size = (size_t)info.st_size;
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    int failed = bytes == NULL || fread(bytes, 1, size, file) != size;
    fclose(file);
    if (failed) {
        fprintf(stderr, "%s: cannot be read\n", path);
    } else {
        printf("%s (%zu bytes)\n", path, size);
        fflush(stdout);
        LLVMFuzzerTestOneInput(bytes, size);
    }
    free(bytes);
    return failed;
}

static int replay_folder(const char *path)
{
    struct dirent **entries = NULL;
    int failed = 0, n = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char file[4096];
        if (entries[i]->d_name[0] != '.') {
            snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
            failed |= replay_file(file);
        }
        free(entries[i]);
    }
    free(entries);
    if (n < 3) {
        fprintf(stderr, "%s: no corpus; put at least one input there\n", path);
        failed = 1;
    }
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    uint8_t nothing = 0;
    LLVMFuzzerTestOneInput(&nothing, 0);
    for (int i = 1; i < argc; i++) {
        struct stat info;
        if (stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode))
            failed |= replay_folder(argv[i]);
        else
            failed |= replay_file(argv[i]);
    }
    return failed;
}
