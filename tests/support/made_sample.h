/* made_sample.h - a sample and its proposal, of rows that a test makes. */
#ifndef MADE_SAMPLE_H
#define MADE_SAMPLE_H

#include "proposal_int.h"
#include "rf_check.h"

typedef struct looked {
    char path[RF_TEST_PATH];
    const char *paths[1];
    rf_source_options options;
    rf_schema schema;
    rf_sample *sample;
    rf_proposal *proposal;
    rf_text yaml;
} looked;

static inline void begin(looked *look, const char *name, const char *content)
{
    *look = (looked){0};
    rf_tmp_path(look->path, name);
    FILE *file = fopen(look->path, "w");
    fputs(content, file);
    fclose(file);
    rf_source_options_default(&look->options);
    look->paths[0] = look->path;
    look->options.paths = look->paths;
    look->options.n_paths = 1;
    look->options.fields.schema = &look->schema;
}

static inline void end(looked *look)
{
    rf_proposal_free(look->proposal);
    rf_sample_free(look->sample);
    rf_text_clear(&look->yaml);
    look->proposal = NULL;
    look->sample = NULL;
}

static inline rf_status propose_told(looked *look, rf_told told, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_yaml_frame frame = {.path = "x.yaml", .output = "out"};
    rf_proposal *before = look->proposal;
    told.options = &look->options;
    told.before = before;
    look->proposal = NULL;
    RF_TRY(rf_propose(&look->proposal, look->sample, &told, err));
    rf_text_reset(&look->yaml);
    RF_TRY(rf_proposal_yaml(&look->yaml, look->proposal, &frame, err));
done:
    rf_proposal_free(before);
    return st;
}

static inline rf_status propose_all(looked *look, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_sample_read(&look->sample, &look->options, RF_LOOK_RECORDS, err));
    RF_TRY(propose_told(look, (rf_told){0}, err));
done:
    if (st < 0)
        end(look);
    return st;
}

/* A file of a head and rows. */
static inline void propose(looked *look, const char *name, const char *head, int rows,
                           void (*row)(char *out, int i))
{
    rf_err err = {0};
    char *content = malloc(strlen(head) + (size_t)rows * 400 + 1);
    size_t len = (size_t)sprintf(content, "%s", head);
    for (int i = 0; i < rows; i++) {
        row(content + len, i);
        len += strlen(content + len);
    }
    begin(look, name, content);
    RF_CHECK_OK(err, propose_all(look, &err));
    free(content);
}

/* The same sample once more, by what is told now. */
static inline void propose_again(looked *look, rf_told told)
{
    rf_err err = {0};
    RF_CHECK_OK(err, propose_told(look, told, &err));
}

static inline void check_role(const looked *look, rf_role role, const char *expected)
{
    const char *field = rf_proposal_field(look->proposal, role);
    ck_assert_msg(strcmp(field, expected) == 0, "role %d is %s, not %s", role, field, expected);
}

static inline void check_says(const looked *look, const char *words)
{
    ck_assert_msg(strstr(look->yaml.ptr, words) != NULL, "no \"%s\" in\n%s", words, look->yaml.ptr);
}

static inline const char *doubt_with(const looked *look, const char *words)
{
    const char *doubt = "";
    for (int i = 0; doubt != NULL && strstr(doubt, words) == NULL; i++)
        doubt = rf_proposal_doubt(look->proposal, i);
    return doubt;
}

static inline void check_doubts(const looked *look, const char *words)
{
    ck_assert_msg(doubt_with(look, words) != NULL, "nobody doubts \"%s\"", words);
}

static inline void check_no_doubt(const looked *look, const char *words)
{
    const char *doubt = doubt_with(look, words);
    ck_assert_msg(doubt == NULL, "says: %s", doubt);
}

#endif
