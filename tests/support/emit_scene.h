/* emit_scene.h - a graph with scores that is emitted to librdkafka's mock cluster, and what a consumer sees
 * there.
 */
#ifndef RF_TEST_EMIT_SCENE_H
#define RF_TEST_EMIT_SCENE_H

#include "made_scores.h"
#include "mock_cluster.h"
#include "rf_check.h"
#include "rf_emit.h"

#define TOPIC "actions"
#define SCORES "flagged"
#define PARTITIONS 4 /* of both */

typedef struct emit_scene {
    mock_cluster mock;
    rf_graph *graph;
    rf_scores *scores;
    rf_setting settings[6];
    rf_emit_options options;
    rf_emit_result result;
    rf_err err;
} emit_scene;

/* Ends with emit_scene_end. */
emit_scene emit_scene_of(made_shape shape);
emit_scene emit_scene_small(void);
/* n more settings of the client, each a key and a value. Call it when the scene has its final address: the
 * options point into it. */
void emit_scene_set(emit_scene *s, int n, ...);
rf_status emit_scene_emit(emit_scene *s);
void emit_scene_end(emit_scene *s);

typedef struct emit_seen {
    int32_t partition;
    char key[64], subject[80], id[33], type[40], reason[40];
    char *value; /* NULL: a tombstone */
} emit_seen;

/* Every message of a topic, partition by partition; free with emit_seen_free. */
emit_seen *emit_seen_all(const emit_scene *s, const char *topic, int *n);
void emit_seen_free(emit_seen *all, int n);
int emit_seen_of_type(const emit_seen *all, int n, const char *type);
/* NULL: there is none. */
const emit_seen *emit_seen_subject(const emit_seen *all, int n, const char *subject);

#endif
