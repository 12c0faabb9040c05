/* known_content.c - is this file a copy of one that was read, or the same one moved?
 *
 * Compared is the content, unpacked: first by the fingerprint of its beginning, then by the hash of all that
 * was read. A whole copy is always recognised. A file that has more behind it is, too, where the beginning is
 * long, or the old name is gone: a log that was moved and has grown.
 */
#include "known_content_int.h"
#include "rf_count.h"

#include "rf_file.h"
#include "rf_log.h"
#include "rf_mem.h"

static void say(const char *path, const rf_input_position *known, bool more)
{
    char n[RF_THINGS_TEXT];
    rf_things(n, known->records, "record");
    if (more)
        rf_log(RF_LOG_WARN,
               "%s: its beginning was read before (%s), as %s; reading goes on behind that, so that nothing "
               "counts twice",
               path, n, known->name);
    else
        rf_log(RF_LOG_WARN, "%s: skipped: its content was read before, as %s (%s)", path, known->name, n);
}

/* A line alone may well come twice. Positions whose file has a beginning of another length are copies only if
 * that file was moved. */
static bool may_be(const rf_input_position *known, bool moved, uint64_t fingerprint)
{
    return known->partition < 0 && known->records > (moved ? 0 : 1) && known->offset > 0 &&
           (known->fingerprint == fingerprint || moved);
}

static rf_status compare(bool *same, bool *more, const rf_input_position *known, bool moved,
                         rf_records *records, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    *same = *more = false;
    RF_TRY(rf_records_open(records, path, err));
    RF_TRY(rf_records_same(records, known, same, err));
    if (!*same)
        return RF_OK;
    RF_TRY(rf_records_holds(records, known, same, more, err));
    if (*more && (known->content == 0 || (known->offset < RF_HEAD_BYTES && !moved)))
        *same = false;
done:
    return st;
}

rf_status rf_known_moved(bool **moved, const rf_positions *positions, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(*moved, positions->n, err);
    for (size_t i = 0; i < positions->n; i++)
        (*moved)[i] = positions->items[i].records > 0 && !rf_path_exists(positions->items[i].name);
done:
    return st;
}

rf_status rf_known_content(rf_input_position *position, const rf_positions *positions, const bool *moved,
                           rf_records *records, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_input_position *best = NULL;
    bool best_more = false, whole;
    uint64_t fingerprint;
    RF_TRY(rf_records_open(records, path, err));
    RF_TRY(rf_records_head(records, RF_HEAD_BYTES, &fingerprint, &whole, err));
    for (size_t i = 0; i < positions->n; i++) {
        const rf_input_position *known = &positions->items[i];
        bool same, more;
        if (known == position || !may_be(known, moved[i], fingerprint) ||
            (best != NULL && known->offset <= best->offset))
            continue;
        RF_TRY(compare(&same, &more, known, moved[i], records, path, err));
        if (!same)
            continue;
        best = known;
        best_more = more;
    }
    if (best == NULL)
        return RF_OK;
    say(path, best, best_more);
    char *name = position->name;
    *position = *best;
    position->name = name;
done:
    return st;
}
