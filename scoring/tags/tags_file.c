/* tags_file.c - tags in scores.h5: groups as docs/FORMATS.md describes, replaced as a whole, and checked when
 * read.
 *
 * In memory a tag is a struct, in the file each of its members is a dataset: a row of a struct goes through a
 * X
 */
#include <stdio.h>
#include <string.h>

#include "rf_h5_rows.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "tags_int.h"

#define AGAIN "run `ringfence tag` again"
#define MOST_TEXT 4096 /* bytes of a name or a sentence */

/* "/u/tag_rule", "/kinds/device/v/tag_rule" and the like. */
typedef struct path_text {
    char text[RF_SIDE_PATH];
} path_text;

static path_text path_of(const rf_kinds *kinds, rf_side side, const char *name)
{
    char dataset[40];
    path_text path;
    snprintf(dataset, sizeof dataset, "tag_%s", name);
    rf_side_path(path.text, kinds, side, dataset);
    return path;
}

static const rf_h5_member tag_members[] = {
    {"rule", RF_H5_U16, offsetof(rf_tag, rule), 0},
    {"confidence", RF_H5_F32, offsetof(rf_tag, confidence), 0},
    {"edge", RF_H5_U32, offsetof(rf_tag, edge), 0},
};
static const rf_h5_member evidence_members[] = {
    {"signal", RF_H5_U16, offsetof(rf_evidence, signal), 0},
    {"observed", RF_H5_F64, offsetof(rf_evidence, observed), 0},
    {"threshold", RF_H5_F64, offsetof(rf_evidence, threshold), 0},
    {"percentile", RF_H5_F32, offsetof(rf_evidence, percentile), 0},
    {"strength", RF_H5_F32, offsetof(rf_evidence, strength), 0},
};
static const rf_h5_rows tag_rows = RF_H5_ROWS(rf_tag, tag_members);
static const rf_h5_rows evidence_rows = RF_H5_ROWS(rf_evidence, evidence_members);

/* ---- writing ---- */

static rf_status write_side(rf_h5 *file, const rf_kinds *kinds, rf_side side, const rf_tag_side *tags,
                            rf_err *err)
{
    rf_status st = RF_OK;
    path_text prefix = path_of(kinds, side, "");
    int64_t n = tags->ptr[tags->n], n_ptr = tags->n + 1, n_evidence_ptr = n + 1;
    int64_t *evidence_ptr = NULL; /* where each tag's evidence begins */
    RF_NEW(evidence_ptr, n_evidence_ptr, err);
    for (int64_t i = 0; i < n; i++)
        evidence_ptr[i] = tags->tags[i].evidence;
    evidence_ptr[n] = tags->n_evidence;
    RF_TRY(rf_h5_write(file, path_of(kinds, side, "ptr").text, RF_H5_I64, 1, &n_ptr, tags->ptr, err));
    RF_TRY(rf_h5_rows_write(file, prefix.text, &tag_rows, tags->tags, n, err));
    RF_TRY(rf_h5_write(file, path_of(kinds, side, "evidence_ptr").text, RF_H5_I64, 1, &n_evidence_ptr,
                       evidence_ptr, err));
    RF_TRY(rf_h5_rows_write(file, prefix.text, &evidence_rows, tags->evidence, tags->n_evidence, err));
done:
    rf_mem_free(evidence_ptr);
    return st;
}

static const char *text_at(void *context, int64_t i)
{
    return rf_texts_get(context, i);
}

static rf_status write_texts(rf_h5 *file, const char *name, const rf_texts *texts, rf_err *err)
{
    return rf_h5_write_texts_from(file, name, texts->n, text_at, (void *)texts, err);
}

rf_status rf_tags_save(const rf_tags *tags, rf_h5 **scores_file, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    int64_t n = tags->signal_name.n, n_rules = tags->rule_type.n;
    const rf_kinds *kinds = &tags->kinds;
    RF_TRY(rf_h5_update(&file, *scores_file, err));
    RF_TRY(rf_h5_remove(file, "/tags", err));
    for (rf_side i = 0; i < rf_sides(kinds); i++) {
        path_text prefix = path_of(kinds, i, "");
        RF_TRY(rf_h5_remove(file, path_of(kinds, i, "ptr").text, err));
        RF_TRY(rf_h5_remove(file, path_of(kinds, i, "evidence_ptr").text, err));
        RF_TRY(rf_h5_rows_remove(file, prefix.text, &tag_rows, err));
        RF_TRY(rf_h5_rows_remove(file, prefix.text, &evidence_rows, err));
    }
    RF_TRY(write_texts(file, "/tags/rule_type", &tags->rule_type, err));
    RF_TRY(write_texts(file, "/tags/rule_about", &tags->rule_about, err));
    RF_TRY(write_texts(file, "/tags/signal_name", &tags->signal_name, err));
    RF_TRY(write_texts(file, "/tags/signal_value", &tags->signal_value, err));
    RF_TRY(write_texts(file, "/tags/signal_about", &tags->signal_about, err));
    RF_TRY(rf_h5_write(file, "/tags/signal_rule", RF_H5_U16, 1, &n, tags->signal_rule, err));
    RF_TRY(rf_h5_write(file, "/tags/signal_above", RF_H5_I8, 1, &n, tags->signal_above, err));
    if (kinds->n > 0)
        RF_TRY(rf_h5_write(file, "/tags/rule_kind", RF_H5_U8, 1, &n_rules, tags->rule_kind, err));
    RF_TRY(rf_h5_write_attr_text(file, "/tags", "run_id", tags->run_id, err));
    RF_TRY(rf_h5_write_attr_text(file, "/tags", "rules_name", tags->rules_name, err));
    RF_TRY(rf_h5_write_attr_int(file, "/tags", "rules_version", &tags->rules_version, 1, err));
    RF_TRY(rf_h5_write_attr_text(file, "/tags", "rules_hash", tags->rules_hash, err));
    for (rf_side i = 0; i < rf_sides(kinds); i++)
        RF_TRY(write_side(file, kinds, i, &tags->side[i], err));
    rf_h5_forget_history(file);
    RF_TRY(rf_h5_commit_over(scores_file, &file, err));
done:
    rf_h5_close(&file);
    return st;
}

/* ---- reading ---- */

static rf_status length_of(int64_t *out, rf_h5 *file, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    int rank = 0;
    int64_t dims[4] = {0};
    if (!rf_h5_exists(file, name))
        RF_FAIL(err, RF_E_FORMAT, "%s: %s is missing; " AGAIN, rf_h5_path(file), name);
    RF_TRY(rf_h5_shape(file, name, &rank, dims, err));
    if (rank != 1)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has rank %d, expected 1; " AGAIN, rf_h5_path(file), name, rank);
    *out = dims[0];
done:
    return st;
}

/* Counts that only grow, from 0 to `end`. */
static rf_status read_ptr(int64_t *ptr, rf_h5 *file, const char *path, int64_t n, int64_t end, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t length = n + 1;
    RF_TRY(rf_h5_read(file, path, RF_H5_I64, 1, &length, ptr, err));
    for (int64_t i = 0; i <= n; i++) {
        int64_t least = i == 0 ? 0 : ptr[i - 1];
        if (ptr[i] < least || ptr[i] > end || (i == 0 && ptr[i] != 0) || (i == n && ptr[i] != end))
            RF_FAIL(err, RF_E_FORMAT, "%s: %s is %lld at row %lld; it must rise from 0 to %lld; " AGAIN,
                    rf_h5_path(file), path, (long long)ptr[i], (long long)i, (long long)end);
    }
done:
    return st;
}

/* The file says how many tags and signals there are, the rules how many there can be. */
static rf_status read_side(rf_tags *tags, rf_h5 *file, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    rf_tag_side *of = &tags->side[side];
    const rf_kinds *kinds = &tags->kinds;
    path_text prefix = path_of(kinds, side, ""), group;
    int64_t rows = 0, n = 0, n_evidence = 0;
    int64_t *evidence_ptr = NULL;
    rf_side_path(group.text, kinds, side, "");
    RF_TRY(length_of(&rows, file, path_of(kinds, side, "ptr").text, err));
    RF_TRY(length_of(&n, file, path_of(kinds, side, "rule").text, err));
    RF_TRY(length_of(&n_evidence, file, path_of(kinds, side, "signal").text, err));
    if (rows < 1 || rows - 1 > UINT32_MAX || n > (rows - 1) * tags->rule_type.n ||
        (n_evidence > 0 && (tags->signal_name.n == 0 || n_evidence / tags->signal_name.n > n)))
        RF_FAIL(err, RF_E_FORMAT,
                "%s: %s has %lld rows, %lld tags and %lld signals, which do not fit together; " AGAIN,
                rf_h5_path(file), group.text, (long long)(rows - 1), (long long)n, (long long)n_evidence);
    of->n = rows - 1;
    of->n_evidence = n_evidence;
    RF_ZERO(of->ptr, rows, err);
    RF_ZERO(of->tags, n, err);
    RF_ZERO(of->evidence, n_evidence, err);
    RF_TRY(read_ptr(of->ptr, file, path_of(kinds, side, "ptr").text, of->n, n, err));
    RF_TRY(rf_h5_rows_read(file, prefix.text, &tag_rows, of->tags, n, err));

    RF_NEW(evidence_ptr, n + 1, err); /* where each tag's evidence begins */
    RF_TRY(read_ptr(evidence_ptr, file, path_of(kinds, side, "evidence_ptr").text, n, n_evidence, err));
    for (int64_t i = 0; i < n; i++) {
        int64_t signals = evidence_ptr[i + 1] - evidence_ptr[i];
        if (signals > UINT16_MAX)
            RF_FAIL(err, RF_E_FORMAT, "%s: %s/tag_evidence_ptr gives one tag %lld signals; " AGAIN,
                    rf_h5_path(file), group.text, (long long)signals);
        of->tags[i].evidence = evidence_ptr[i];
        of->tags[i].n_evidence = (int32_t)signals;
    }
    RF_TRY(rf_h5_rows_read(file, prefix.text, &evidence_rows, of->evidence, n_evidence, err));
done:
    rf_mem_free(evidence_ptr);
    return st;
}

/* Names and sentences go to terminals, messages and pictures: they are text without control characters. */
static rf_status read_texts(rf_texts *out, rf_h5 *file, const char *name, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t found = 0;
    RF_TRY(length_of(&found, file, name, err));
    if ((n >= 0 && found != n) || found >= UINT16_MAX)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has %lld rows, expected %lld; " AGAIN, rf_h5_path(file), name,
                (long long)found, (long long)(n >= 0 ? n : UINT16_MAX - 1));
    RF_TRY(rf_h5_read_texts(file, name, out, err));
    for (int64_t i = 0; i < out->n; i++) {
        const char *text = rf_texts_get(out, i);
        size_t len = strlen(text);
        bool bad = len > MOST_TEXT || !rf_utf8_valid(text, len);
        for (size_t k = 0; k < len && !bad; k++)
            bad = (unsigned char)text[k] < 0x20 || text[k] == 0x7F;
        if (bad)
            RF_FAIL(err, RF_E_FORMAT, "%s: %s is not plain text at row %lld; " AGAIN, rf_h5_path(file), name,
                    (long long)i);
    }
done:
    return st;
}

static rf_status read_word(rf_h5 *file, const char *name, char *out, size_t cap, rf_err *err)
{
    rf_status st = RF_OK;
    char *text = NULL;
    if (!rf_h5_has_attr(file, "/tags", name))
        RF_FAIL(err, RF_E_FORMAT, "%s: /tags has no attribute %s; " AGAIN, rf_h5_path(file), name);
    RF_TRY(rf_h5_read_attr_text(file, "/tags", name, &text, err));
    size_t len = strlen(text);
    bool bad = len >= cap || !rf_utf8_valid(text, len);
    for (size_t i = 0; i < len && !bad; i++)
        bad = (unsigned char)text[i] < 0x20;
    if (bad)
        RF_FAIL(err, RF_E_FORMAT, "%s: attribute %s of /tags is too long or not plain text; " AGAIN,
                rf_h5_path(file), name);
    memcpy(out, text, len + 1);
done:
    rf_mem_free(text);
    return st;
}

/* Only kinds with names are said; without them all rules are about the one there is. */
static rf_status read_rule_kinds(rf_tags *tags, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = tags->rule_type.n;
    RF_ZERO(tags->rule_kind, n, err);
    if (tags->kinds.n == 0)
        goto done;
    RF_TRY(rf_h5_read(file, "/tags/rule_kind", RF_H5_U8, 1, &n, tags->rule_kind, err));
    for (int64_t i = 0; i < n; i++) {
        if (tags->rule_kind[i] >= tags->kinds.n)
            RF_FAIL(err, RF_E_FORMAT, "%s: /tags/rule_kind is %d at row %lld, but there are %d kinds; " AGAIN,
                    rf_h5_path(file), tags->rule_kind[i], (long long)i, tags->kinds.n);
    }
done:
    return st;
}

static rf_status read_rules(rf_tags *tags, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n;
    RF_TRY(read_word(file, "run_id", tags->run_id, sizeof tags->run_id, err));
    RF_TRY(read_word(file, "rules_name", tags->rules_name, sizeof tags->rules_name, err));
    RF_TRY(read_word(file, "rules_hash", tags->rules_hash, sizeof tags->rules_hash, err));
    RF_TRY(rf_h5_read_attr_int(file, "/tags", "rules_version", &tags->rules_version, 1, err));
    RF_TRY(read_texts(&tags->rule_type, file, "/tags/rule_type", -1, err));
    RF_TRY(read_texts(&tags->rule_about, file, "/tags/rule_about", tags->rule_type.n, err));
    for (int64_t i = 0; i < tags->rule_type.n; i++) {
        if (!rf_tag_type_valid(rf_texts_get(&tags->rule_type, i)))
            RF_FAIL(err, RF_E_FORMAT, "%s: /tags/rule_type is not a name at row %lld; " AGAIN,
                    rf_h5_path(file), (long long)i);
    }
    RF_TRY(read_rule_kinds(tags, file, err));
    RF_TRY(read_texts(&tags->signal_name, file, "/tags/signal_name", -1, err));
    n = tags->signal_name.n;
    RF_TRY(read_texts(&tags->signal_value, file, "/tags/signal_value", n, err));
    RF_TRY(read_texts(&tags->signal_about, file, "/tags/signal_about", n, err));
    RF_NEW(tags->signal_rule, n, err);
    RF_NEW(tags->signal_above, n, err);
    RF_TRY(rf_h5_read(file, "/tags/signal_rule", RF_H5_U16, 1, &n, tags->signal_rule, err));
    RF_TRY(rf_h5_read(file, "/tags/signal_above", RF_H5_I8, 1, &n, tags->signal_above, err));
    for (int64_t i = 0; i < n; i++) {
        if (tags->signal_rule[i] >= tags->rule_type.n || (tags->signal_above[i] & ~1) != 0)
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: /tags/signal_rule or signal_above is impossible at row %lld; " AGAIN,
                    rf_h5_path(file), (long long)i);
    }
done:
    return st;
}

rf_status rf_tags_read(rf_tags **out, rf_h5 *file, const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    rf_tags *tags = NULL;
    if (!rf_h5_exists(file, "/tags")) {
        *out = NULL;
        goto done;
    }
    RF_ZERO(tags, 1, err);
    RF_TRY(rf_graph_kinds(&tags->kinds, file, err));
    RF_TRY(read_rules(tags, file, err));
    for (rf_side i = 0; i < rf_sides(&tags->kinds); i++)
        RF_TRY(read_side(tags, file, i, err));
    RF_TRY(rf_tags_check(tags, scores, rf_h5_path(file), err));
    *out = tags;
    tags = NULL;
done:
    rf_tags_free(tags);
    return st;
}
