/* state_positions.c - how far the inputs were read, saved with the state: files under
 * /state/positions, partitions of topics under /state/offsets, with what tells the topic from another.
 *
 * Files keep the order in which they were read; partitions are sorted by (topic, partition), so that equal
 * work gives equal bytes. Older state files hold partitions among the files: both forms are read.
 */
#include <inttypes.h>
#include <string.h>

#include "rf_mem.h"
#include "rows_int.h"
#include "sort_int.h"
#include "state_int.h"

#define OFFSETS "/state/offsets"
#define POSITIONS "/state/positions"

/* ---- writing ---- */

typedef struct chosen { /* items of some positions, in the order in which they are written */
    const rf_positions *all;
    rf_sort_key *keys;
    int64_t n;
} chosen;

static int compare_offsets(void *context, uint32_t a, uint32_t b)
{
    const rf_input_position *items = ((const rf_positions *)context)->items;
    int order = strcmp(items[a].name, items[b].name);
    return order != 0 ? order
                      : (items[a].partition > items[b].partition) - (items[a].partition < items[b].partition);
}

static rf_status choose(chosen *out, const rf_positions *positions, bool partitions, rf_err *err)
{
    rf_status st = RF_OK;
    *out = (chosen){.all = positions};
    RF_NEW(out->keys, positions->n, err);
    for (size_t i = 0; i < positions->n; i++) {
        if ((positions->items[i].partition >= 0) == partitions)
            out->keys[out->n++] = (rf_sort_key){.key = partitions ? 0 : i, .value = (uint32_t)i};
    }
    if (partitions)
        rf_sort_keys(out->keys, (size_t)out->n, compare_offsets, (void *)(uintptr_t)positions);
    for (int64_t i = 1; partitions && i < out->n; i++) {
        if (compare_offsets((void *)(uintptr_t)positions, out->keys[i - 1].value, out->keys[i].value) == 0)
            RF_FAIL(err, RF_E_INTERNAL, "positions hold %s[%" PRId32 "] twice",
                    positions->items[out->keys[i].value].name,
                    positions->items[out->keys[i].value].partition);
    }
done:
    return st;
}

static const rf_input_position *item(const chosen *from, int64_t i)
{
    return &from->all->items[from->keys[i].value];
}

static const char *name_at(void *context, int64_t i)
{
    return item(context, i)->name;
}

/* Nothing where none is known. */
static rf_status write_contents(rf_h5 *file, const chosen *files, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t *contents = NULL;
    bool any = false;
    RF_NEW(contents, files->n, err);
    for (int64_t i = 0; i < files->n; i++) {
        contents[i] = (int64_t)item(files, i)->content;
        any = any || contents[i] != 0;
    }
    if (any)
        RF_TRY(rf_h5_write(file, POSITIONS "/content", RF_H5_I64, 1, &files->n, contents, err));
done:
    rf_mem_free(contents);
    return st;
}

static rf_status write_files(rf_h5 *file, const rf_positions *positions, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rows rows = {0};
    chosen files = {0};
    RF_TRY(choose(&files, positions, false, err));
    RF_TRY(rf_h5_write_texts_from(file, POSITIONS "/name", files.n, name_at, &files, err));
    RF_TRY(rf_rows_begin(&rows, file, POSITIONS "/at", RF_H5_I64, files.n, RF_STATE_POSITION_COLUMNS, err));
    for (int64_t i = 0; i < files.n; i++) {
        const rf_input_position *p = item(&files, i);
        const int64_t row[RF_STATE_POSITION_COLUMNS] = {p->partition, p->offset, p->line, p->records,
                                                        (int64_t)p->fingerprint};
        RF_TRY(rf_rows_put(&rows, row, err));
    }
    RF_TRY(rf_rows_end(&rows, err));
    RF_TRY(write_contents(file, &files, err));
    RF_TRY(rf_h5_write_attr_int(file, POSITIONS, "dead_letter_bytes", &positions->dead_letter_bytes, 1, err));
done:
    rf_rows_clear(&rows);
    rf_mem_free(files.keys);
    return st;
}

static const char *cluster_at(void *context, int64_t i)
{
    const char *cluster = item(context, i)->origin.cluster;
    return cluster == NULL ? "" : cluster;
}

static const char *topic_id_at(void *context, int64_t i)
{
    const char *id = item(context, i)->origin.topic_id;
    return id == NULL ? "" : id;
}

/* Of each kind nothing where none is known. */
static rf_status write_origins(rf_h5 *file, chosen *offsets, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rows rows = {0};
    bool clusters = false, ids = false, lasts = false;
    for (int64_t i = 0; i < offsets->n; i++) {
        const rf_topic_origin *origin = &item(offsets, i)->origin;
        clusters = clusters || origin->cluster != NULL;
        ids = ids || origin->topic_id != NULL;
        lasts = lasts || origin->last_hash != 0;
    }
    if (clusters)
        RF_TRY(rf_h5_write_texts_from(file, OFFSETS "/cluster", offsets->n, cluster_at, offsets, err));
    if (ids)
        RF_TRY(rf_h5_write_texts_from(file, OFFSETS "/topic_id", offsets->n, topic_id_at, offsets, err));
    if (!lasts)
        goto done;
    RF_TRY(rf_rows_begin(&rows, file, OFFSETS "/last", RF_H5_I64, offsets->n, RF_STATE_LAST_COLUMNS, err));
    for (int64_t i = 0; i < offsets->n; i++) {
        const rf_topic_origin *origin = &item(offsets, i)->origin;
        const int64_t row[RF_STATE_LAST_COLUMNS] = {origin->last_offset, origin->last_ms,
                                                    (int64_t)origin->last_hash};
        RF_TRY(rf_rows_put(&rows, row, err));
    }
    RF_TRY(rf_rows_end(&rows, err));
done:
    rf_rows_clear(&rows);
    return st;
}

static rf_status write_offsets(rf_h5 *file, const rf_positions *positions, rf_err *err)
{
    rf_status st = RF_OK;
    int32_t *partition = NULL;
    int64_t *next = NULL;
    chosen offsets = {0};
    RF_TRY(choose(&offsets, positions, true, err));
    if (offsets.n == 0)
        goto done;
    RF_NEW(partition, offsets.n, err);
    RF_NEW(next, offsets.n, err);
    for (int64_t i = 0; i < offsets.n; i++) {
        partition[i] = item(&offsets, i)->partition;
        next[i] = item(&offsets, i)->offset;
    }
    RF_TRY(rf_h5_write_texts_from(file, OFFSETS "/topic", offsets.n, name_at, &offsets, err));
    RF_TRY(rf_h5_write(file, OFFSETS "/partition", RF_H5_I32, 1, &offsets.n, partition, err));
    RF_TRY(rf_h5_write(file, OFFSETS "/next", RF_H5_I64, 1, &offsets.n, next, err));
    RF_TRY(write_origins(file, &offsets, err));
done:
    rf_mem_free(offsets.keys);
    rf_mem_free(partition);
    rf_mem_free(next);
    return st;
}

rf_status rf_state_write_positions(rf_h5 *file, const rf_positions *positions, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(write_files(file, positions, err));
    RF_TRY(write_offsets(file, positions, err));
done:
    return st;
}

/* ---- reading ---- */

static rf_status damaged(rf_h5 *file, const char *name, const char *what, rf_err *err)
{
    return rf_err_set(err, RF_E_FORMAT, __FILE__, __LINE__, RF_STATE_DAMAGED, rf_h5_path(file), name, what);
}

static rf_status add_item(rf_positions *out, const char *name, rf_input_position at, rf_err *err)
{
    at.name = rf_mem_text(name, strlen(name), err);
    if (at.name == NULL)
        return RF_E_NOMEM;
    out->items[out->n++] = at;
    return RF_OK;
}

static rf_status read_names(rf_texts *out, rf_h5 *file, const char *name, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    if (!rf_h5_exists(file, name))
        return damaged(file, name, "is missing", err);
    RF_TRY(rf_h5_read_texts(file, name, out, err));
    if (out->n != n)
        st = damaged(file, name, "does not fit its neighbours", err);
done:
    return st;
}

static rf_status read_files(rf_positions *out, rf_h5 *file, const int64_t *rows, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts names = {0};
    int64_t *contents = NULL, n_contents = 0; /* older files have none */
    RF_TRY(read_names(&names, file, POSITIONS "/name", n, err));
    if (rf_h5_exists(file, POSITIONS "/content"))
        RF_TRY(rf_rows_read((void **)&contents, &n_contents, file, POSITIONS "/content", RF_H5_I64, 0, err));
    if (contents != NULL && n_contents != n) {
        st = damaged(file, POSITIONS "/content", "does not fit its neighbours", err);
        goto done;
    }
    for (int64_t i = 0; i < n; i++, rows += RF_STATE_POSITION_COLUMNS) {
        if (rows[0] < -1 || rows[0] > INT32_MAX || rows[1] < 0 || rows[2] < 0 || rows[3] < 0) {
            st = damaged(file, POSITIONS "/at", "a position is out of range", err);
            goto done;
        }
        const rf_input_position at = {.partition = (int32_t)rows[0],
                                      .offset = rows[1],
                                      .line = rows[2],
                                      .records = rows[3],
                                      .fingerprint = (uint64_t)rows[4],
                                      .content = n_contents == 0 ? 0 : (uint64_t)contents[i]};
        RF_TRY(add_item(out, rf_texts_get(&names, i), at, err));
    }
    RF_TRY(rf_h5_read_attr_int(file, POSITIONS, "dead_letter_bytes", &out->dead_letter_bytes, 1, err));
    if (out->dead_letter_bytes < 0)
        st = damaged(file, POSITIONS " dead_letter_bytes", "is negative", err);
done:
    rf_mem_free(contents);
    rf_texts_clear(&names);
    return st;
}

/* Into items[0..n), where the file has them. */
static rf_status read_names_of(char **(*member)(rf_topic_origin *), rf_input_position *items, int64_t n,
                               rf_h5 *file, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts texts = {0};
    if (!rf_h5_exists(file, name))
        return RF_OK;
    RF_TRY(read_names(&texts, file, name, n, err));
    for (int64_t i = 0; i < n; i++) {
        const char *text = rf_texts_get(&texts, i);
        char **to = member(&items[i].origin);
        if (text[0] == '\0')
            continue;
        *to = rf_mem_text(text, strlen(text), err);
        if (*to == NULL) {
            st = RF_E_NOMEM;
            goto done;
        }
    }
done:
    rf_texts_clear(&texts);
    return st;
}

static char **cluster_of(rf_topic_origin *origin)
{
    return &origin->cluster;
}

static char **topic_id_of(rf_topic_origin *origin)
{
    return &origin->topic_id;
}

/* Earlier files have none. */
static rf_status read_origins(rf_input_position *items, int64_t n, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t *rows = NULL, n_rows = 0;
    RF_TRY(read_names_of(cluster_of, items, n, file, OFFSETS "/cluster", err));
    RF_TRY(read_names_of(topic_id_of, items, n, file, OFFSETS "/topic_id", err));
    if (!rf_h5_exists(file, OFFSETS "/last"))
        goto done;
    RF_TRY(
        rf_rows_read((void **)&rows, &n_rows, file, OFFSETS "/last", RF_H5_I64, RF_STATE_LAST_COLUMNS, err));
    if (n_rows != n) {
        st = damaged(file, OFFSETS "/last", "does not fit its neighbours", err);
        goto done;
    }
    for (int64_t i = 0; i < n; i++) {
        const int64_t *row = rows + i * RF_STATE_LAST_COLUMNS;
        if (row[2] != 0 && (row[0] < 0 || row[0] >= items[i].offset)) {
            st = damaged(file, OFFSETS "/last", "an offset is out of range", err);
            goto done;
        }
        items[i].origin.last_offset = row[0];
        items[i].origin.last_ms = row[1];
        items[i].origin.last_hash = (uint64_t)row[2];
    }
done:
    rf_mem_free(rows);
    return st;
}

static rf_status read_offsets(rf_positions *out, rf_h5 *file, const int32_t *partition, int64_t n,
                              rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts topics = {0};
    int64_t *next = NULL, n_next = 0;
    RF_TRY(read_names(&topics, file, OFFSETS "/topic", n, err));
    RF_TRY(rf_rows_read((void **)&next, &n_next, file, OFFSETS "/next", RF_H5_I64, 0, err));
    if (n_next != n) {
        st = damaged(file, OFFSETS "/next", "does not fit its neighbours", err);
        goto done;
    }
    for (int64_t i = 0; i < n; i++) {
        int order = i == 0 ? -1 : strcmp(rf_texts_get(&topics, i - 1), rf_texts_get(&topics, i));
        bool ascending = order < 0 || (order == 0 && partition[i - 1] < partition[i]);
        if (!ascending || partition[i] < 0 || next[i] < 0) {
            st = damaged(file, OFFSETS, "an offset is out of range or order", err);
            goto done;
        }
        RF_TRY(add_item(out, rf_texts_get(&topics, i),
                        (rf_input_position){.partition = partition[i], .offset = next[i]}, err));
    }
    RF_TRY(read_origins(out->items + out->n - n, n, file, err));
done:
    rf_mem_free(next);
    rf_texts_clear(&topics);
    return st;
}

rf_status rf_state_read_positions(rf_positions *out, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    rf_positions positions = {0};
    int64_t *rows = NULL, n_rows = 0, n_offsets = 0;
    int32_t *partition = NULL;
    RF_TRY(rf_rows_read((void **)&rows, &n_rows, file, POSITIONS "/at", RF_H5_I64, RF_STATE_POSITION_COLUMNS,
                        err));
    if (rf_h5_exists(file, OFFSETS))
        RF_TRY(rf_rows_read((void **)&partition, &n_offsets, file, OFFSETS "/partition", RF_H5_I32, 0, err));
    RF_ZERO(positions.items, n_rows + n_offsets, err);
    RF_TRY(read_files(&positions, file, rows, n_rows, err));
    if (n_offsets > 0)
        RF_TRY(read_offsets(&positions, file, partition, n_offsets, err));
    *out = positions;
    positions = (rf_positions){0};
done:
    rf_positions_clear(&positions);
    rf_mem_free(partition);
    rf_mem_free(rows);
    return st;
}
