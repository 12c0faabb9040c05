/* relation.c - one kind of entity in a growing graph: its entities' ids, its cells, and the events on their
 * way into these.
 *
 * In the flow: bigraph_add.c makes numbers of an event's texts and hands it to the relation of each kind that
 * it names.
 */
#include <string.h>

#include "bigraph_int.h"
#include "rf_mem.h"

/* Most often all attributes: then they are the schema's own. */
static rf_status choose_attrs(rf_relation *relation, const rf_schema *schema, int kind, rf_err *err)
{
    rf_status st = RF_OK;
    int n = 0;
    for (int a = 0; a < schema->n_attrs; a++) {
        if (rf_attr_is_of(&schema->attrs[a], kind))
            relation->code_of[n++] = a;
    }
    relation->code_of[n] = schema->n_attrs;
    relation->schema = (rf_schema){.attrs = schema->attrs, .n_attrs = n};
    if (n == schema->n_attrs)
        goto done;
    RF_NEW(relation->own_attrs, n, err);
    for (int a = 0; a < n; a++)
        relation->own_attrs[a] = schema->attrs[relation->code_of[a]];
    relation->schema.attrs = relation->own_attrs;
done:
    return st;
}

rf_status rf_relation_init(rf_relation *relation, const rf_schema *schema, int kind, const rf_codec *codec,
                           rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(choose_attrs(relation, schema, kind, err));
    relation->store.codec = *codec;
    relation->store.codec.schema = &relation->schema;
    relation->store.codec.n_codes = relation->schema.n_attrs + 1;
    RF_TRY(rf_idmap_new(&relation->entities, err));
    RF_NEW(relation->queue, RF_QUEUE, err);
done:
    return st;
}

void rf_relation_clear(rf_relation *relation)
{
    rf_mem_free(relation->own_attrs);
    rf_idmap_free(relation->entities);
    rf_store_clear(&relation->store);
    rf_mem_free(relation->queue);
}

/* ---- events ---- */

static size_t put_body(uint8_t *body, const rf_relation *relation, const uint64_t *code, const rf_span *id)
{
    const rf_codec *codec = &relation->store.codec;
    uint64_t own[RF_MAX_CODES];
    if (relation->own_attrs != NULL) {
        for (int i = 0; i < codec->n_codes; i++)
            own[i] = code[relation->code_of[i]];
        code = own;
    }
    return rf_record_put_body(body, codec, code, id->ptr, id->len);
}

rf_status rf_relation_enqueue(rf_relation *relation, const rf_event *event, const uint64_t *code, uint32_t u,
                              uint32_t v, uint32_t slot, rf_err *err)
{
    rf_status st = RF_OK;
    if (relation->queue_n == RF_QUEUE)
        RF_TRY(rf_relation_flush(relation, err));
    rf_arrival *arrival = &relation->queue[relation->queue_n];
    arrival->u = u;
    arrival->v = v;
    arrival->slot = slot;
    arrival->hash = rf_cell_hash(u, v, slot);
    arrival->offset = (uint32_t)(event->time_us - rf_slot_us(&relation->store.codec, slot));
    arrival->label = event->label;
    arrival->typed = code[relation->code_of[relation->store.codec.n_codes - 1]] != 0;
    arrival->body_len = put_body(arrival->body, relation, code, &event->event_id);
    relation->queue_n++;
done:
    return st;
}

rf_status rf_relation_flush(rf_relation *relation, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_store_reserve(&relation->store, relation->queue_n, err));
    for (unsigned i = 0; i < relation->queue_n; i++)
        rf_store_prefetch(&relation->store, relation->queue[i].hash);
    for (unsigned i = 0; i < relation->queue_n; i++)
        RF_TRY(rf_store_add(&relation->store, &relation->queue[i], err));
    relation->queue_n = 0;
done:
    return st;
}
