/* settings_field.c - the field that a row of the table names: reading and writing it by its C type. */
#include "settings_int.h"

#include <math.h>
#include <string.h>

static const size_t field_bytes[] = {
    [RF_FIELD_INT] = sizeof(int),
    [RF_FIELD_INT64] = sizeof(int64_t),
    [RF_FIELD_UINT64] = sizeof(int64_t),
    [RF_FIELD_DOUBLE] = sizeof(double),
    [RF_FIELD_BOOL] = sizeof(bool),
    [RF_FIELD_TEXT] = sizeof(const char *),
    [RF_FIELD_TEXTS] = sizeof(const char *const *),
};

void rf_field_put_whole(void *slot, rf_field_type field, int64_t value)
{
    switch (field) {
    case RF_FIELD_INT:
        *(int *)slot = (int)value;
        break;
    case RF_FIELD_INT64:
        *(int64_t *)slot = value;
        break;
    case RF_FIELD_UINT64:
        *(uint64_t *)slot = (uint64_t)value;
        break;
    default:
        *(bool *)slot = value != 0;
    }
}

int64_t rf_field_whole(const void *slot, rf_field_type field)
{
    switch (field) {
    case RF_FIELD_INT:
        return *(const int *)slot;
    case RF_FIELD_INT64:
        return *(const int64_t *)slot;
    case RF_FIELD_UINT64:
        return (int64_t) * (const uint64_t *)slot;
    default:
        return *(const bool *)slot;
    }
}

int *rf_field_beside(const void *base, const rf_key *key)
{
    return (int *)((uintptr_t)base + key->beside);
}

void *rf_field_item(const void *base, const rf_key *key, int i)
{
    return (void *)((uintptr_t)base + key->offset + (size_t)i * field_bytes[key->field]);
}

void rf_key_copy(void *to, const void *from, const rf_key *key)
{
    size_t n = key->most > 0 ? (size_t)key->most : 1;
    size_t beside = key->type == RF_KEY_TIME_FORMAT ? sizeof(const char *)
                    : key->type == RF_KEY_FIELD     ? sizeof(rf_more_names)
                                                    : sizeof(int);
    memcpy((char *)to + key->offset, (const char *)from + key->offset, n * field_bytes[key->field]);
    if (key->beside > 0)
        memcpy((char *)to + key->beside, (const char *)from + key->beside, beside);
}

void rf_field_put_number(void *slot, rf_field_type field, double value)
{
    if (field == RF_FIELD_DOUBLE)
        *(double *)slot = value;
    else
        rf_field_put_whole(slot, field, (int64_t)value);
}

double rf_field_number(const void *slot, rf_field_type field)
{
    return field == RF_FIELD_DOUBLE ? *(const double *)slot : (double)rf_field_whole(slot, field);
}

const rf_key *rf_key_part(const rf_key *key, const char *name)
{
    size_t len = strlen(key->path);
    for (const rf_key *part = rf_keys; part->path != NULL; part++) {
        if (strncmp(part->path, key->path, len) == 0 && part->path[len] == '.' &&
            strcmp(part->path + len + 1, name) == 0)
            return part;
    }
    return NULL;
}

const char *rf_key_word(const rf_key *key, int64_t value)
{
    const rf_word *word = key->words;
    while (word != NULL && word->word != NULL && word->value != value)
        word++;
    return word == NULL ? NULL : word->word;
}

bool rf_key_has_value(const void *base, const rf_key *key)
{
    const void *slot = rf_field_item(base, key, 0);
    bool is_list = key->type == RF_KEY_TEXTS || key->most > 0;
    if (key->beside > 0 && is_list)
        return *rf_field_beside(base, key) > 0;
    if (key->beside > 0 && key->type != RF_KEY_TIME_FORMAT && key->type != RF_KEY_FIELD)
        return *rf_field_beside(base, key) == key->alternative;
    if (key->field == RF_FIELD_TEXT)
        return *(const char *const *)slot != NULL;
    if (key->field == RF_FIELD_DOUBLE)
        return !isnan(*(const double *)slot);
    return key->type != RF_KEY_CHOICE || rf_key_word(key, rf_field_whole(slot, key->field)) != NULL;
}
