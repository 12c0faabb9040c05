/* erase_inputs.c - files of events that lie in the folder of results: the lines of the subjects' events
 * become blank. Where an event of somebody else names one of them in an attribute (JSON), digits of the hash
 * take the place of the id.
 *
 * The source itself says which records are theirs, as it does in a build. A blank line is passed over when it
 * is read, and all that follows stays where the positions of the state say it is. Inputs elsewhere belong to
 * others and are not changed.
 */
#include <glob.h>
#include <string.h>

#include "erase_int.h"
#include "rf_json_scan.h"
#include "rf_lines.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_source.h"

typedef struct marks {
    const rf_subjects *subjects;
    uint8_t *of; /* by line - 1: READ an event that stays, THEIRS one that goes; 0: no event begins here */
    size_t n, cap;
    const char
        *names[1 + RF_KINDS_MOST]; /* the fields of user and entities, without what they are nested in */
    int n_names, n_kinds;
    bool csv;
    bool inside, inside_theirs; /* a record that goes on over several lines */
    int64_t blanked, masked;
} marks;
enum { READ = 1, THEIRS = 2 };

/* ---- which lines ---- */

static rf_status mark(marks *m, const rf_event *event, rf_err *err)
{
    rf_status st = RF_OK;
    size_t at = (size_t)event->place.position - 1;
    bool theirs = rf_subjects_find(m->subjects, RF_USER, event->user.ptr, event->user.len) != NULL;
    for (int k = 0; k < m->n_kinds && !theirs; k++) {
        const rf_span entity = rf_event_entity(event, k);
        theirs =
            entity.ptr != NULL && rf_subjects_find(m->subjects, RF_ENTITY, entity.ptr, entity.len) != NULL;
    }
    size_t had = m->cap;
    RF_RESERVE(m->of, m->cap, at + 1, err);
    memset(m->of + had, 0, m->cap - had);
    m->of[at] = theirs || m->of[at] == THEIRS ? THEIRS : READ; /* a line may have several events */
    m->n = at + 1;
done:
    return st;
}

static rf_status read_events(marks *m, const char *path, const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    rf_source *source = NULL;
    const rf_event *const *events;
    size_t n;
    rf_source_options options = settings->source;
    options.paths = &path;
    options.n_paths = 1;
    options.dead_letters = NULL;
    options.max_rejects = 1e18;
    RF_TRY(rf_source_open(&source, &options, err));
    for (;;) {
        RF_TRY(rf_source_poll_many(source, &events, &n, err));
        if (st == RF_EOF)
            break;
        for (size_t i = 0; st == RF_OK && i < n; i++)
            RF_TRY(mark(m, events[i], err));
    }
    st = RF_OK;
done:
    rf_source_close(&source);
    return st;
}

/* ---- blanking ---- */

static bool odd_quotes(rf_span text)
{
    bool odd = false;
    for (size_t i = 0; i < text.len; i++)
        odd = odd != (text.ptr[i] == '"');
    return odd;
}

static rf_status mask(marks *m, rf_span text, rf_line_fate *fate, rf_text *replacement, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = 0;
    const char *at;
    size_t len;
    if (rf_subjects_in_text(m->subjects, text, &at, &len) == NULL || !rf_json_valid(text))
        return RF_OK;
    RF_TRY(rf_subjects_mask_json(replacement, m->subjects, text, m->names, m->n_names, &n, err));
    if (n > 0)
        *fate = RF_LINE_REPLACE;
    m->masked += n > 0;
done:
    return st;
}

static rf_status judge(void *context, int64_t line, rf_span text, rf_line_fate *fate, rf_text *replacement,
                       rf_err *err)
{
    marks *m = context;
    const char *at;
    size_t len;
    uint8_t what = (size_t)line <= m->n ? m->of[line - 1] : 0;
    if (line == 1 || what != 0) /* where an event begins, what was open before was a stray quote */
        m->inside = false;
    bool theirs = m->inside ? m->inside_theirs : what == THEIRS;
    if (m->csv && line == 1)
        return RF_OK;
    if (!m->inside && what == 0) /* a record that was rejected, or none */
        theirs = rf_subjects_in_text(m->subjects, text, &at, &len) != NULL;
    if (m->csv && odd_quotes(text)) {
        m->inside_theirs = theirs;
        m->inside = !m->inside;
    }
    if (theirs)
        *fate = RF_LINE_BLANK;
    m->blanked += theirs;
    return theirs || m->csv ? RF_OK : mask(m, text, fate, replacement, err);
}

static bool is_csv(const char *path, const rf_settings *settings)
{
    return settings->source.format == RF_FORMAT_CSV ||
           (settings->source.format == RF_FORMAT_AUTO &&
            (strstr(path, ".csv") != NULL || strstr(path, ".tsv") != NULL));
}

/* "customer.id" is called "id" where it is. */
static const char *last_name(const char *field)
{
    const char *dot = field == NULL ? NULL : strrchr(field, '.');
    return dot != NULL ? dot + 1 : field == NULL ? "" : field;
}

static void name_fields(marks *m, const rf_fields *fields)
{
    rf_more_names more;
    m->names[m->n_names++] = last_name(fields->user);
    for (int k = 0; k < m->n_kinds; k++)
        m->names[m->n_names++] = last_name(rf_fields_entity(&more, fields, k));
}

static rf_status erase_one(rf_erase *e, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_fields *fields = &e->job->settings->source.fields;
    marks m = {
        .subjects = &e->subjects, .n_kinds = rf_fields_kinds(fields), .csv = is_csv(path, e->job->settings)};
    const rf_line_judge judges = {judge, &m};
    int64_t changed = 0;
    bool as_stored;
    name_fields(&m, fields);
    RF_TRY(rf_lines_are_as_stored(&as_stored, path, e->job->settings->source.encoding, err));
    if (!as_stored)
        RF_FAIL(err, RF_E_INVALID,
                "%s: is not UTF-8 with line ends, so that lines of it cannot be blanked; convert or move it "
                "first",
                path);
    if (!m.csv)
        RF_TRY(rf_lines_are_json_records(&as_stored, path, err));
    if (!as_stored)
        RF_FAIL(err, RF_E_INVALID,
                "%s: its JSON is not one record a line, so that lines of it cannot be blanked; convert it "
                "(jq -c) or "
                "move it first",
                path);
    RF_TRY(read_events(&m, path, e->job->settings, err));
    RF_TRY(rf_lines_judge(&changed, path, &judges, err));
    if (changed == 0)
        goto done;
    const rf_figure removed[] = {{"lines blanked", m.blanked}, {"lines with a hash", m.masked}, {NULL, 0}};
    RF_TRY(rf_journal_note(e, path, "input", "their lines are blank", removed, err));
    RF_TRY(rf_lines_rewrite(&changed, path, &judges, err));
done:
    rf_mem_free(m.of);
    return st;
}

/* The inputs among the files. */
static rf_status find_inputs(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_source_options *source = &e->job->settings->source;
    for (int i = 0; source->type == RF_SOURCE_FILES && i < source->n_paths; i++) {
        glob_t found = {0};
        int result = glob(source->paths[i], 0, NULL, &found);
        for (size_t k = 0; result == 0 && k < found.gl_pathc && st >= 0; k++) {
            if (rf_paths_have(&e->files, found.gl_pathv[k]))
                st = rf_paths_add(&e->inputs, found.gl_pathv[k], err);
        }
        globfree(&found);
        RF_TRY(st);
    }
done:
    return st;
}

rf_status rf_erase_inputs(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(find_inputs(e, err));
    for (size_t i = 0; i < e->inputs.n; i++) {
        rf_err why = {0};
        st = erase_one(e, e->inputs.at[i], &why);
        if (st == RF_E_FORMAT || st == RF_E_INVALID)
            st = rf_erase_left(e, e->inputs.at[i], true, why.msg, err);
        else if (st < 0)
            RF_FAIL(err, st, "%s", why.msg);
        RF_TRY(st);
    }
done:
    return st;
}
