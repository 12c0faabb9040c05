/* kafka_parts_int.h - the state of each partition. */
#ifndef RF_KAFKA_PARTS_INT_H
#define RF_KAFKA_PARTS_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_event.h"
#include "rf_status.h"

typedef enum rf_part_state {
    RF_PART_AWAY,     /* not this member's */
    RF_PART_COMING,   /* assigned; where to start is being found out */
    RF_PART_STARTING, /* ordered from the poll thread */
    RF_PART_HELD      /* its messages count */
} rf_part_state;

#define RF_NO_TARGET INT64_MAX

typedef struct rf_part {
    char *topic; /* its name, of the table */
    int32_t partition;
    rf_part_state state;
    int32_t assignment;     /* STARTING, HELD: its number */
    bool finished;          /* the poll thread knows that it is read to the wanted end */
    bool early;             /* it was there when the source was opened */
    bool asked;             /* COMING: the owner has been asked */
    bool at_end;            /* the broker had nothing more when last asked */
    int64_t position;       /* next message; -1: nothing known yet */
    int64_t first;          /* the first position known here, for progress */
    int64_t target;         /* reading ends before it; RF_NO_TARGET: none, or not known yet */
    int64_t low, high;      /* watermarks when last seen, -1 never */
    int64_t records;        /* read, good or bad */
    int64_t filtered;       /* of them */
    int64_t elsewhere;      /* what another member has saved, when last asked; -1 */
    void *share;            /* the owner's */
    rf_topic_origin origin; /* of the position: owned */
    bool looked_for;        /* the last message that was read, to be compared */
    bool fits;              /* the saved position is of this very topic, for certain */
    rf_topic_origin left;   /* with owner: what was saved of another topic of this name: owned */
    int64_t left_at;        /* the offset with it; -1: nothing */
} rf_part;

typedef struct rf_part_topic {
    char *name;   /* owned */
    bool read;    /* of the configuration; else positions are only kept */
    bool known;   /* positions of it existed before this source was opened */
    bool anew;    /* it is another one than the one of these positions, and read as such */
    char *id;     /* of the topic as it is; NULL: not known; owned */
    size_t there; /* partitions that it has */
    rf_part *parts;
    size_t n, cap;
} rf_part_topic;

typedef struct rf_parts {
    rf_part_topic *topics;
    size_t n, cap;
} rf_parts;

/* Adds the topic if it is new. */
RF_MUST_CHECK rf_status rf_parts_topic(rf_parts *parts, const char *name, rf_part_topic **out, rf_err *err);
/* Adds partitions until there are n. Pointers to parts of the topic end here. */
RF_MUST_CHECK rf_status rf_parts_grow(rf_part_topic *topic, size_t n, rf_err *err);
/* Nothing of it counts as read any more, and partitions beyond the first n are none of it. */
void rf_parts_forget(rf_part_topic *topic, size_t n);
rf_part *rf_parts_find(const rf_parts *parts, const char *topic, int32_t partition); /* NULL: unknown */
/* Walks all partitions: start with at = {0}; NULL after the last one. */
typedef struct rf_part_walk {
    size_t topic, part;
} rf_part_walk;
rf_part *rf_parts_next(const rf_parts *parts, rf_part_walk *at);
void rf_parts_clear(rf_parts *parts);

#endif
