/* fuzz_opt.c - arbitrary words as the arguments of every verb: one a line. Nothing is run, no file opened. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli_int.h"

#define MOST_WORDS 64

static void try_verb(const rf_verb *verb, int argc, char **argv)
{
    rf_args args = {0};
    rf_err err = {0};
    rf_settings *settings = NULL;
    if (rf_opt_parse(&args, verb, argc, argv, &err) < 0) {
        if (err.msg[0] == '\0')
            abort();
        return;
    }
    if (rf_settings_new(&settings, NULL) < 0)
        abort();
    if (rf_opt_apply(settings, &args, &err) >= 0)
        (void)!rf_settings_finish(settings, &err);
    rf_settings_free(settings);
    rf_args_clear(&args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *argv[MOST_WORDS + 1] = {0}, *text = malloc(size + 1);
    int argc = 0;
    if (text == NULL)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *word = text; word != NULL && argc < MOST_WORDS;) {
        char *end = strchr(word, '\n');
        argv[argc++] = word;
        word = end == NULL ? NULL : end + 1;
        if (end != NULL)
            *end = '\0';
    }
    for (const rf_verb *verb = rf_cli_verbs(); verb->name != NULL; verb++)
        try_verb(verb, argc, argv);
    free(text);
    return 0;
}
