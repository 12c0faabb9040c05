/* alert_memory.c - remembered alerts as a file: format "ringfence-alerts", docs/FORMATS.md. */
#include "alert_memory_int.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "rf_emit.h"
#include "rf_file.h"
#include "rf_h5.h"
#include "rf_mem.h"

#define FORMAT "ringfence-alerts"
#define VERSION 1
#define ADVICE "the file is damaged; remove it and run again (all alerts then count as new)"

/* One dataset each, named as in the file; the texts in the order of rf_memory.texts. */
static const struct column {
    const char *name;
    rf_h5_type type; /* of what is no text */
    size_t offset;
} columns[] = {{"id", 0, offsetof(rf_memory_entry, id)},
               {"source", 0, offsetof(rf_memory_entry, source)},
               {"key", 0, offsetof(rf_memory_entry, key)},
               {"user", 0, offsetof(rf_memory_entry, user)},
               {"entity", 0, offsetof(rf_memory_entry, entity)},
               {"event_id", 0, offsetof(rf_memory_entry, event_id)},
               {"types", 0, offsetof(rf_memory_entry, types)},
               {"anomalies", 0, offsetof(rf_memory_entry, anomalies)},
               {"entity_kind", 0, offsetof(rf_memory_entry, entity_kind)},
               {"kind", RF_H5_U8, offsetof(rf_memory_entry, kind)},
               {"first_flagged", RF_H5_I64, offsetof(rf_memory_entry, first_us)},
               {"last_flagged", RF_H5_I64, offsetof(rf_memory_entry, last_us)},
               {"times_flagged", RF_H5_I32, offsetof(rf_memory_entry, times)},
               {"missed", RF_H5_I32, offsetof(rf_memory_entry, missed)},
               {"score", RF_H5_F64, offsetof(rf_memory_entry, score)},
               {"percentile", RF_H5_F64, offsetof(rf_memory_entry, percentile)},
               {"members", RF_H5_I64, offsetof(rf_memory_entry, members)},
               {"last_score", RF_H5_F64, offsetof(rf_memory_entry, last_score)},
               {"last_percentile", RF_H5_F64, offsetof(rf_memory_entry, last_percentile)}};
#define COLUMNS ((int)(sizeof columns / sizeof columns[0]))
#define FIRST_LATER (COLUMNS - 2)         /* files of earlier versions lack these */
#define ENTITY_KIND (RF_MEMORY_TEXTS - 1) /* files of graphs without names lack it */

static void *field(const rf_memory *memory, int64_t row, int column)
{
    return (char *)&memory->at[row] + columns[column].offset;
}

static const char **text_field(const rf_memory *memory, int64_t row, int column)
{
    return (const char **)field(memory, row, column);
}

typedef struct name {
    char text[40];
} name;

/* "/current/user"; without a dataset the group itself. */
static name name_of(const char *group, const char *dataset)
{
    name n;
    snprintf(n.text, sizeof n.text, "/%s%s%s", group, dataset != NULL ? "/" : "",
             dataset != NULL ? dataset : "");
    return n;
}

const char *rf_memory_word(char out[RF_MEMORY_WORD], const rf_memory_entry *entry, const rf_kinds *kinds)
{
    const char *kind = entry->entity_kind;
    bool is_main = kind[0] == '\0' || (kinds->n > 0 && strcmp(kind, kinds->name[0]) == 0);
    snprintf(out, RF_MEMORY_WORD, "%s%s%s", rf_memory_kind(entry), is_main ? "" : ":", is_main ? "" : kind);
    return out;
}

void rf_memory_clear(rf_memory *memory)
{
    rf_mem_free(memory->at);
    for (int i = 0; i < RF_MEMORY_TEXTS; i++)
        rf_texts_clear(&memory->texts[i]);
    *memory = (rf_memory){0};
}

int64_t rf_memory_filter(rf_memory *memory, bool (*drop)(const void *context, const rf_memory_entry *entry),
                         const void *context)
{
    int64_t kept = 0, n = memory->n;
    for (int64_t i = 0; i < n; i++) {
        if (!drop(context, &memory->at[i]))
            memory->at[kept++] = memory->at[i];
    }
    memory->n = kept;
    return n - kept;
}

/* ---- writing ---- */

typedef struct text_column {
    const rf_memory *memory;
    int column;
} text_column;

static const char *text_at(void *context, int64_t row)
{
    const text_column *of = context;
    return *text_field(of->memory, row, of->column);
}

static bool names_kinds(const rf_memory *memory)
{
    int64_t i = 0;
    while (i < memory->n && memory->at[i].entity_kind[0] == '\0')
        i++;
    return i < memory->n;
}

static rf_status save(rf_h5 *file, const char *group, const rf_memory *memory, rf_err *err)
{
    rf_status st = RF_OK;
    char *values = NULL;
    if (memory->run_id[0] == '\0')
        return RF_OK;
    RF_NEW(values, memory->n * (int64_t)sizeof(int64_t), err);
    for (int c = 0; c < COLUMNS; c++) {
        text_column texts = {memory, c};
        size_t size = rf_h5_type_size(columns[c].type);
        if (c == ENTITY_KIND && !names_kinds(memory))
            continue;
        if (c < RF_MEMORY_TEXTS) {
            RF_TRY(rf_h5_write_texts_from(file, name_of(group, columns[c].name).text, memory->n, text_at,
                                          &texts, err));
            continue;
        }
        for (int64_t i = 0; i < memory->n; i++)
            memcpy(values + (size_t)i * size, field(memory, i, c), size);
        RF_TRY(rf_h5_write(file, name_of(group, columns[c].name).text, columns[c].type, 1, &memory->n, values,
                           err));
    }
    RF_TRY(rf_h5_write_attr_text(file, name_of(group, NULL).text, "run_id", memory->run_id, err));
    RF_TRY(rf_h5_write_attr_int(file, name_of(group, NULL).text, "emitted_at", &memory->at_us, 1, err));
done:
    rf_mem_free(values);
    return st;
}

rf_status rf_memory_save(const rf_memory *previous, const rf_memory *current, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write_format(file, FORMAT, VERSION, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "run_id", current->run_id, err));
    RF_TRY(save(file, "current", current, err));
    RF_TRY(save(file, "previous", previous, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

/* ---- reading ---- */

static rf_status check(const rf_h5 *file, const char *group, const rf_memory *memory, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *seen = NULL;
    uint32_t number;
    int is_new;
    RF_TRY(rf_idmap_new(&seen, err));
    for (int64_t i = 0; i < memory->n; i++) {
        const rf_memory_entry *entry = &memory->at[i];
        RF_TRY(rf_idmap_intern(seen, entry->id, strlen(entry->id), &number, &is_new, err));
        if (!is_new || strlen(entry->id) != 32)
            RF_FAIL(err, RF_E_FORMAT, "%s: /%s/id at row %lld %s: " ADVICE, rf_h5_path(file), group,
                    (long long)i, is_new ? "is not an alert's id" : "occurs twice");
        if (entry->kind > RF_MEMORY_CLUSTER || entry->times < 1 || entry->missed < 0 ||
            !isfinite(entry->score) || !(entry->percentile >= 0 && entry->percentile <= 1) ||
            (entry->entity_kind[0] != '\0' && !rf_kind_name_is_valid(entry->entity_kind)) ||
            !isfinite(entry->last_score) || !(entry->last_percentile >= 0 && entry->last_percentile <= 1))
            RF_FAIL(err, RF_E_FORMAT, "%s: /%s: a value at row %lld is out of range: " ADVICE,
                    rf_h5_path(file), group, (long long)i);
    }
done:
    rf_idmap_free(seen);
    return st;
}

static rf_status load(rf_memory *memory, rf_h5 *file, const char *group, rf_err *err)
{
    rf_status st = RF_OK;
    char *run = NULL, *values = NULL;
    for (int c = 0; c < RF_MEMORY_TEXTS; c++) {
        if (c == ENTITY_KIND && !rf_h5_exists(file, name_of(group, columns[c].name).text))
            continue;
        RF_TRY(rf_h5_read_texts(file, name_of(group, columns[c].name).text, &memory->texts[c], err));
        if (memory->texts[c].n != memory->texts[0].n)
            RF_FAIL(err, RF_E_FORMAT, "%s: /%s/%s has %lld rows, id has %lld: " ADVICE, rf_h5_path(file),
                    group, columns[c].name, (long long)memory->texts[c].n, (long long)memory->texts[0].n);
    }
    memory->n = memory->texts[0].n;
    RF_ZERO(memory->at, memory->n, err);
    RF_NEW(values, memory->n * (int64_t)sizeof(int64_t), err);
    for (int c = 0; c < COLUMNS; c++) {
        size_t size = rf_h5_type_size(columns[c].type);
        if (c >= FIRST_LATER && !rf_h5_exists(file, name_of(group, columns[c].name).text)) {
            for (int64_t i = 0; i < memory->n; i++) {
                memory->at[i].last_score = memory->at[i].score;
                memory->at[i].last_percentile = memory->at[i].percentile;
            }
            continue;
        }
        if (c >= RF_MEMORY_TEXTS)
            RF_TRY(rf_h5_read(file, name_of(group, columns[c].name).text, columns[c].type, 1, &memory->n,
                              values, err));
        for (int64_t i = 0; i < memory->n; i++) {
            if (c < RF_MEMORY_TEXTS)
                *text_field(memory, i, c) = memory->texts[c].n > 0 ? rf_texts_get(&memory->texts[c], i) : "";
            else
                memcpy(field(memory, i, c), values + (size_t)i * size, size);
        }
    }
    RF_TRY(check(file, group, memory, err));
    RF_TRY(rf_h5_read_attr_int(file, name_of(group, NULL).text, "emitted_at", &memory->at_us, 1, err));
    RF_TRY(rf_h5_read_attr_text(file, name_of(group, NULL).text, "run_id", &run, err));
    if (run[0] == '\0' || strlen(run) >= sizeof memory->run_id)
        RF_FAIL(err, RF_E_FORMAT, "%s: run_id of /%s is not a run's: " ADVICE, rf_h5_path(file), group);
    memcpy(memory->run_id, run, strlen(run) + 1);
done:
    rf_mem_free(run);
    rf_mem_free(values);
    return st;
}

rf_status rf_memory_load(rf_memory *previous, rf_memory *current, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    *previous = *current = (rf_memory){0};
    if (!rf_path_exists(path))
        return RF_OK;
    RF_TRY(rf_h5_open(&file, path, err));
    RF_TRY(rf_h5_check_format(file, FORMAT, VERSION, NULL, err));
    RF_TRY(load(current, file, "current", err));
    if (rf_h5_exists(file, "/previous"))
        RF_TRY(load(previous, file, "previous", err));
done:
    rf_h5_close(&file);
    if (st < 0) {
        rf_memory_clear(previous);
        rf_memory_clear(current);
    }
    return st;
}

rf_status rf_alerts_check(const char *path, rf_err *err)
{
    rf_memory previous, current;
    rf_status st = rf_memory_load(&previous, &current, path, err);
    rf_memory_clear(&previous);
    rf_memory_clear(&current);
    return st;
}
