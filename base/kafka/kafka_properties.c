/* kafka_properties.c - which settings librdkafka knows, with aliases and ranges, from its own list.
 *
 * The library prints the list as the Markdown table of its manual; no other call returns aliases and ranges,
 * and the list is that of this very version.
 */
#include "kafka_properties_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rf_kafka.h"
#include "rf_mem.h"
#include "rf_text.h"

#define COLUMNS 6 /* name | C/P | range | default | importance | description */

static rf_status print_list(char **out, rf_err *err)
{
    rf_status st = RF_OK;
    char *bytes = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&bytes, &len);
    if (memory == NULL)
        RF_FAIL(err, RF_E_NOMEM, "no memory for librdkafka's list of settings: %s", strerror(errno));
    rd_kafka_conf_properties_show(memory);
    if (fclose(memory) != 0)
        RF_FAIL(err, RF_E_NOMEM, "no memory for librdkafka's list of settings: %s", strerror(errno));
    *out = rf_mem_text(bytes, len, err);
    st = *out == NULL ? RF_E_NOMEM : RF_OK;
done:
    free(bytes);
    return st;
}

/* Cuts a line into its columns; false when it is no row. The description keeps its bars. */
static bool cut_row(char *line, char *columns[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = line;
        if (i == COLUMNS - 1)
            break;
        char *bar = strstr(line, " |");
        if (bar == NULL)
            return false;
        line = bar + 2;
        *bar = '\0';
    }
    for (int i = 0; i < COLUMNS - 1; i++) {
        while (*columns[i] == ' ')
            columns[i]++;
        for (size_t len = strlen(columns[i]); len > 0 && columns[i][len - 1] == ' ';)
            columns[i][--len] = '\0';
    }
    return strchr(columns[0], ' ') == NULL && strcmp(columns[0], "Property") != 0;
}

rf_status rf_kafka_properties_load(rf_kafka_properties *out, rf_err *err)
{
    static const char alias[] = "Alias for `";
    rf_status st = RF_OK;
    rf_kafka_properties list = {0};
    size_t lines = 1;
    RF_TRY(print_list(&list.text, err));
    for (const char *at = list.text; *at != '\0'; at++)
        lines += *at == '\n';
    RF_NEW(list.items, lines, err);
    for (char *line = list.text, *next; line != NULL; line = next) {
        char *columns[COLUMNS];
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        if (!cut_row(line, columns))
            continue;
        rf_kafka_property *property = &list.items[list.n++];
        *property = (rf_kafka_property){columns[0], columns[0], columns[2]};
        char *other = strstr(columns[COLUMNS - 1], alias);
        if (other != NULL) {
            property->canonical = other += sizeof alias - 1;
            other[strcspn(other, "`")] = '\0';
        }
    }
    *out = list;
    list = (rf_kafka_properties){0};
done:
    rf_kafka_properties_clear(&list);
    return st;
}

void rf_kafka_properties_clear(rf_kafka_properties *properties)
{
    rf_mem_free(properties->items);
    rf_mem_free(properties->text);
    *properties = (rf_kafka_properties){0};
}

const rf_kafka_property *rf_kafka_property_find(const rf_kafka_properties *properties, const char *name)
{
    for (size_t i = 0; i < properties->n; i++)
        if (strcmp(properties->items[i].name, name) == 0)
            return &properties->items[i];
    return NULL;
}

const char *rf_kafka_property_nearest(const rf_kafka_properties *properties, const char *name)
{
    const char *best = NULL;
    for (size_t i = 0; i < properties->n;
         i++) { /* the better of two, one after the other: no list to build */
        const char *now = properties->items[i].name;
        const char *both[] = {best != NULL ? best : now, now, NULL};
        const char *nearest = rf_nearest(name, both);
        best = nearest != NULL ? nearest : best;
    }
    return best;
}
