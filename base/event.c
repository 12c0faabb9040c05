/* event.c - positions own their texts, the names of inputs and where topics are: they are copied and freed
 * here.
 */
#include "rf_event.h"

#include <string.h>

#include "rf_mem.h"

static rf_status copy_text(char **to, const char *from, rf_err *err)
{
    *to = from == NULL ? NULL : rf_mem_text(from, strlen(from), err);
    return from != NULL && *to == NULL ? RF_E_NOMEM : RF_OK;
}

rf_status rf_topic_origin_copy(rf_topic_origin *to, const rf_topic_origin *from, rf_err *err)
{
    rf_status st = RF_OK;
    rf_topic_origin copy = *from;
    copy.cluster = copy.topic_id = NULL;
    RF_TRY(copy_text(&copy.cluster, from->cluster, err));
    RF_TRY(copy_text(&copy.topic_id, from->topic_id, err));
    *to = copy;
    copy = (rf_topic_origin){0};
done:
    rf_topic_origin_clear(&copy);
    return st;
}

static bool equal_texts(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool rf_topic_origin_equal(const rf_topic_origin *a, const rf_topic_origin *b)
{
    return equal_texts(a->cluster, b->cluster) && equal_texts(a->topic_id, b->topic_id) &&
           a->last_hash == b->last_hash && a->last_offset == b->last_offset && a->last_ms == b->last_ms;
}

void rf_topic_origin_clear(rf_topic_origin *origin)
{
    rf_mem_free(origin->cluster);
    rf_mem_free(origin->topic_id);
    *origin = (rf_topic_origin){0};
}

rf_status rf_positions_add(rf_positions *positions, const rf_input_position *position, rf_err *err)
{
    rf_status st = RF_OK;
    rf_input_position copy = *position;
    copy.name = NULL;
    copy.origin = (rf_topic_origin){0};
    RF_TRY(copy_text(&copy.name, position->name, err));
    RF_TRY(rf_topic_origin_copy(&copy.origin, &position->origin, err));
    positions->items[positions->n++] = copy;
    copy.name = NULL;
done:
    rf_mem_free(copy.name);
    return st;
}

void rf_positions_clear(rf_positions *positions)
{
    if (positions == NULL)
        return;
    for (size_t i = 0; i < positions->n; i++) {
        rf_mem_free(positions->items[i].name);
        rf_topic_origin_clear(&positions->items[i].origin);
    }
    rf_mem_free(positions->items);
    *positions = (rf_positions){0};
}
