/* erase_texts.c - text files of an erasure: audit logs, actions, dead letters, exports.
 *
 * A line shows by itself what it is, so a file that was rotated or copied is treated as the one that it was
 * made of. A line of the audit log stays, with a hash in place of the id. An action about a subject goes, and
 * in others what names it. A dead letter goes, but its place stays: a build knows how long the file is. An
 * export, which is made again by one command, goes as a whole. Files that ringfence did not write are not
 * changed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "erase_int.h"
#include "rf_json_scan.h"
#include "rf_lines.h"
#include "rf_log.h"
#include "rf_mem.h"

#define ERASED_LETTER "{\"erased\":true}"

typedef struct texts {
    rf_erase *e;
    rf_subjects long_ids;                                /* checks: those that stand nowhere by chance */
    int64_t audit, actions, cut, letters, rows, foreign; /* lines; cut: values inside of actions */
    bool is_export, is_neo4j;
    bool checks; /* not to edit, but to look whether anything was overlooked */
} texts;

/* ---- lines ---- */

static bool begins(rf_span text, const char *with)
{
    size_t len = strlen(with);
    return text.len >= len && memcmp(text.ptr, with, len) == 0;
}

static bool has(rf_span text, const char *what)
{
    size_t len = strlen(what);
    for (const char *at = text.ptr, *end = text.ptr + text.len;
         (size_t)(end - at) >= len && (at = memchr(at, what[0], (size_t)(end - at) - len + 1)) != NULL;
         at++) {
        if (memcmp(at, what, len) == 0)
            return true;
    }
    return false;
}

static rf_status audit_line(texts *t, rf_span text, rf_line_fate *fate, rf_text *out, rf_err *err)
{
    rf_status st = RF_OK;
    bool named = false;
    int64_t n = 0;
    RF_TRY(rf_subjects_in_json(&named, &t->e->subjects, text, err));
    if (!named)
        return RF_OK;
    RF_TRY(rf_subjects_hash_json(out, &t->e->subjects, text, &n, err));
    *fate = RF_LINE_REPLACE;
    t->audit++;
done:
    return st;
}

static rf_status action_line(texts *t, rf_span text, rf_line_fate *fate, rf_text *out, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t cut = 0;
    bool named = false, whole = false;
    RF_TRY(rf_subjects_in_json(&named, &t->e->subjects, text, err));
    if (!named)
        return RF_OK;
    RF_TRY(rf_subjects_cut_json(out, &t->e->subjects, text, &cut, &whole, err));
    *fate = whole ? RF_LINE_DROP : RF_LINE_REPLACE;
    t->actions += whole;
    t->cut += whole ? 0 : cut;
done:
    return st;
}

/* A letter that is gone keeps its length. */
static rf_status letter_line(texts *t, rf_span text, rf_line_fate *fate, rf_text *out, rf_err *err)
{
    rf_status st = RF_OK;
    static const char spaces[] = "                                                                ";
    size_t rest = text.len > strlen(ERASED_LETTER) ? text.len - strlen(ERASED_LETTER) : 0;
    RF_TRY(rf_text_add(out, ERASED_LETTER, strlen(ERASED_LETTER), err));
    for (; rest > 0; rest -= rest < sizeof spaces - 1 ? rest : sizeof spaces - 1)
        RF_TRY(rf_text_add(out, spaces, rest < sizeof spaces - 1 ? rest : sizeof spaces - 1, err));
    *fate = RF_LINE_REPLACE;
    t->letters++;
done:
    return st;
}

/* The record inside of a letter as it was: the decoded text, and its base64 decoded. One that cannot be
 * decoded may name anybody. */
static rf_status letter_names(bool *names, const rf_subjects *subjects, rf_span line, rf_err *err)
{
    rf_status st = RF_OK;
    static const char *const members[] = {"record", "reason"};
    rf_text text = {0};
    rf_err why = {0};
    const char *at;
    size_t len;
    *names = rf_subjects_in_text(subjects, line, &at, &len) != NULL;
    for (size_t i = 0; i < 2 && !*names; i++) {
        rf_span value = rf_json_member(line, members[i]);
        if (value.len < 2 || value.ptr[0] != '"')
            continue;
        rf_text_reset(&text);
        RF_TRY(rf_text_add(&text, value.ptr + 1, value.len - 2, err));
        text.len = rf_json_unescape(text.ptr, (rf_span){value.ptr + 1, value.len - 2});
        *names = rf_subjects_in_text(subjects, (rf_span){text.ptr, text.len}, &at, &len) != NULL;
    }
    rf_span packed = rf_json_member(line, "record_base64");
    if (!*names && packed.len >= 2 && packed.ptr[0] == '"') {
        rf_text_reset(&text);
        const rf_status read = rf_base64_read(&text, packed.ptr + 1, packed.len - 2, false, &why);
        if (read < 0 && read != RF_E_PARSE)
            RF_FAIL(err, read, "%s", why.msg);
        *names = read < 0 || rf_subjects_in_text(subjects, (rf_span){text.ptr, text.len}, &at, &len) != NULL;
    }
done:
    rf_text_clear(&text);
    return st;
}

static rf_status judge(void *context, int64_t line, rf_span text, rf_line_fate *fate, rf_text *out,
                       rf_err *err)
{
    rf_status st = RF_OK;
    texts *t = context;
    const char *at;
    size_t len;
    bool names = false;
    bool json = begins(text, "{") && rf_json_valid(text);
    if (t->checks && !begins(text, ERASED_LETTER) &&
        (has(text, "\"ringfence.") || begins(text, "{\"at\":")) &&
        rf_subjects_in_text(&t->long_ids, text, &at, &len) != NULL) {
        *fate = RF_LINE_DROP; /* counted */
        return RF_OK;
    }
    if (line == 1)
        t->is_neo4j = begins(text, "name:ID(") || begins(text, ":START_ID(");
    t->is_export = t->is_export || has(text, "ringfence");
    if (json && begins(text, "{\"at\":") && has(text, "\"event\":"))
        return audit_line(t, text, fate, out, err);
    if (json && has(text, "\"ringfence."))
        return action_line(t, text, fate, out, err);
    if (json && begins(text, "{\"place\":")) {
        RF_TRY(letter_names(&names, &t->e->subjects, text, err));
        return names ? letter_line(t, text, fate, out, err) : RF_OK;
    }
    if (rf_subjects_in_text(&t->e->subjects, text, &at, &len) == NULL)
        return RF_OK;
    if (t->is_neo4j) {
        *fate = RF_LINE_DROP;
        t->rows++;
        return RF_OK;
    }
    t->foreign++;
done:
    return st;
}

/* ---- files ---- */

static bool ends(const char *path, const char *with)
{
    size_t len = strlen(path), n = strlen(with);
    return len > n && strcmp(path + len - n, with) == 0;
}

/* What ringfence export and `run` make, by the name: other files may speak of ringfence, too. */
static bool is_export_name(const char *path)
{
    static const char *const endings[] = {".graphml", ".gexf", ".cx2", ".cyjs", ".json", ".dot",        ".gv",
                                          ".html",    ".htm",  ".svg", ".md",   ".xml",  ".cytoscapejs"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (ends(path, endings[i]))
            return true;
    }
    return false;
}

static rf_status remove_file(rf_erase *e, const char *path, const char *kind, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_journal_note(e, path, kind, "removed", NULL, err));
    if (unlink(path) != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be removed: %s", path, strerror(errno));
    rf_log(RF_LOG_INFO, "%s: removed, because it shows an erased subject; export it again", path);
done:
    return st;
}

/* A picture that was made of it shows the same. */
static rf_status remove_export(rf_erase *e, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text png = {0};
    RF_TRY(remove_file(e, path, "export", err));
    if (!ends(path, ".svg"))
        goto done;
    RF_TRY(rf_text_printf(&png, err, "%.*s.png", (int)(strlen(path) - strlen(".svg")), path));
    if (access(png.ptr, F_OK) == 0)
        RF_TRY(remove_file(e, png.ptr, "picture", err));
done:
    rf_text_clear(&png);
    return st;
}

static const char *kind_of(const texts *t)
{
    return t->audit > 0                   ? "audit log"
           : t->actions > 0 || t->cut > 0 ? "actions"
           : t->letters > 0               ? "dead letters"
                                          : "export";
}

static rf_status erase_text(rf_erase *e, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    texts t = {.e = e};
    const rf_line_judge judges = {judge, &t};
    rf_err why = {0};
    int64_t changed = 0;
    st = rf_lines_judge(&changed, path, &judges, &why);
    if (st == RF_E_FORMAT) /* packed data that is broken */
        return rf_erase_left(e, path, false, why.msg, err);
    if (st < 0)
        RF_FAIL(err, st, "%s", why.msg);
    if (changed == 0 && t.foreign > 0 && t.is_export && is_export_name(path))
        return remove_export(e, path, err);
    if (changed == 0)
        return RF_OK;
    const rf_figure removed[] = {
        {"lines with a hash", t.audit}, {"actions", t.actions}, {"values in actions", t.cut},
        {"dead letters", t.letters},    {"rows", t.rows},       {NULL, 0}};
    RF_TRY(rf_journal_note(e, path, kind_of(&t),
                           t.audit > 0 ? "hashes in their place" : "written again without them", removed,
                           err));
    if (t.audit > 0) /* other jobs may add lines to it */
        RF_TRY(rf_audit_rewrite(&changed, path, &judges, err));
    else
        RF_TRY(rf_lines_rewrite(&changed, path, &judges, err));
done:
    return st;
}

rf_status rf_erase_look(rf_erase *e, const char *path, int64_t *ours, int64_t *foreign, rf_err *err)
{
    rf_status st = RF_OK;
    texts t = {.e = e, .checks = true};
    const rf_line_judge judges = {judge, &t};
    RF_TRY(rf_erase_long_ids(&t.long_ids, &e->subjects, err));
    RF_TRY(rf_lines_judge(ours, path, &judges, err));
    *foreign = t.foreign;
done:
    rf_subjects_clear(&t.long_ids);
    return st;
}

rf_status rf_erase_texts(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    char *format = NULL;
    for (size_t i = 0; i < e->files.n; i++) {
        const char *path = e->files.at[i];
        if (access(path, F_OK) != 0 || rf_paths_have(&e->inputs, path)) /* a picture that went with its SVG */
            continue;
        rf_mem_free(format);
        format = NULL;
        RF_TRY(rf_erase_format(&format, path, err));
        if (format == NULL)
            RF_TRY(erase_text(e, path, err));
    }
done:
    rf_mem_free(format);
    return st;
}
