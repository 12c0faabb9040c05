/* rf_event.h - one interaction: a user meets an entity, or one of each kind, at a moment, with typed
 * attributes.
 *
 * It is all that ingest/ and graph/ share. The decoders fill it, the graph adds it to its aggregates. Its
 * texts are borrowed from the decoder's buffer and live until the next record is read.
 *
 * Numbers travel as fixed point (decimal text converted exactly and rounded half to even, to as many places
 * as the attribute has), so that their sums are integer sums: the same in any order.
 */
#ifndef RF_EVENT_H
#define RF_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_decimal.h"
#include "rf_side.h"
#include "rf_span.h"
#include "rf_status.h"

#define RF_FIXED_ONE INT64_C(1000000) /* by RF_FIXED_PLACES: a number's resolution is one millionth */
#define RF_FIXED_MAX RF_SCALED_MAX    /* |number| <= 10^12, or 10^(18 - its places) */
#define RF_MISSING INT64_MIN          /* an attribute that this event does not have */
#define RF_TIME_OF_TIMELESS 0         /* time of events without one: 1970-01-01 UTC */
#define RF_MAX_ATTRS 64
#define RF_MAX_ID_BYTES 1024 /* longer ids and category values are rejected */

typedef enum rf_attr_type {
    RF_ATTR_NUMBER,      /* fixed point */
    RF_ATTR_CATEGORY,    /* text; the most frequent `top` values get columns, the rest share "other" */
    RF_ATTR_BOOLEAN,     /* 0 or RF_FIXED_ONE: its mean is a share */
    RF_ATTR_TIME_OF_DAY, /* microseconds since local midnight, features are sine and cosine */
    RF_ATTR_TIME_OF_WEEK /* microseconds since local Monday midnight, likewise */
} rf_attr_type;

/* Texts that mean true and false besides the usual ones. Borrowed. */
typedef struct rf_truth_words {
    const char *const *yes, *const *no; /* [n_yes], [n_no] */
    int n_yes, n_no;
} rf_truth_words;

/* More names of columns or keys behind a first one: the first of all that has a value counts, or they are
 * joined. Borrowed. */
typedef struct rf_more_names {
    const char *const *names; /* [n] */
    int n;
    bool joined;
    bool list; /* said as a mere list, perhaps by one who thinks of joining */
} rf_more_names;

typedef struct rf_attr {
    const char *name;  /* feature names start with it */
    const char *field; /* the column or JSON key; NULL for a cyclic attribute of the event's own time */
    rf_attr_type type;
    bool log1p;            /* number: its features are tamed by sign(x) log(1 + |x|) */
    int finer;             /* number: places kept beyond RF_FIXED_PLACES, below 0: fewer; from -6 to 12 */
    int unit;              /* number: its value is the text's times 10^unit */
    bool told_places;      /* number: the configuration says the places, so that rounding is meant */
    int decimals;          /* number, until the settings are finished: the places; RF_PLACES_FREE: not said */
    double scale;          /* likewise: 10^unit */
    bool required;         /* an event without it is rejected; else it is RF_MISSING */
    uint32_t kinds;        /* bit k: the edges of kind k carry it; 0: those of the main kind */
    const char *const *of; /* [n_of] the names of these kinds, until the settings are finished */
    int n_of;
    int top;              /* category: columns kept */
    rf_more_names more;   /* fields besides `field` */
    const char *from;     /* of an age, in place of `field`, until the settings are finished */
    bool age;             /* number: the days from the moment in the field to the event */
    rf_truth_words truth; /* boolean */
} rf_attr;

#define RF_PLACES_FREE (-1)
#define RF_FREE_PLACES_MOST 9 /* by a scale alone: more would leave too little room */

/* The decimal places of a number or boolean. */
static inline int rf_attr_places(const rf_attr *attr)
{
    return RF_FIXED_PLACES + attr->finer;
}

/* Does the edge of kind k carry the attribute? */
static inline bool rf_attr_is_of(const rf_attr *attr, int kind)
{
    return ((attr->kinds != 0 ? attr->kinds : 1) >> kind & 1) != 0;
}

/* A kind of entity that events name. */
typedef struct rf_kind {
    char name[RF_KIND_NAME]; /* see rf_side.h */
    bool required;           /* an event without it is rejected (always so of the main kind) */
    int near_bits; /* ids that are 64-bit hashes and differ in at most so many bits are one; 0: none */
    double hub_percentile; /* entities with more users than this share of the kind's entities have are hubs,
                              or with more than one in a hundred of all users; with 50 at least. */
    int64_t hub_degree;    /* ... And those with at least so many users. 0: there are none by it */
} rf_kind;

/* The kinds of entity and the attributes of an event in the configuration's `fields`. Borrowed by ingest and
 * graph alike. */
typedef struct rf_schema {
    const rf_attr *attrs;
    int n_attrs;
    const rf_kind *kinds; /* [n_kinds]; the first is the main kind */
    int n_kinds;          /* 0: one, that has no name of its own */
} rf_schema;

static inline int rf_schema_kinds(const rf_schema *schema)
{
    return schema->n_kinds > 0 ? schema->n_kinds : 1;
}

typedef union rf_value {
    int64_t number; /* RF_ATTR_NUMBER, _BOOLEAN, _TIME_OF_*: RF_MISSING when absent */
    rf_span text;   /* RF_ATTR_CATEGORY: ptr == NULL when absent */
} rf_value;

/* The place of a record, for messages: a file's line, or a partition's offset. */
typedef struct rf_place {
    const char *name;  /* path, "stdin", or topic */
    int32_t partition; /* -1 for files */
    int64_t position;  /* first line of the record (from 1), or Kafka offset; Avro: number in its block */
    int64_t block;     /* of an Avro file: where the block begins; 0: none */
} rf_place;

typedef struct rf_event {
    rf_span user;
    rf_span entity;                    /* of the main kind */
    rf_span others[RF_KINDS_MOST - 1]; /* of kind k: others[k - 1]; ptr == NULL: the event names none */
    rf_span event_id;                  /* ptr == NULL when the configuration names none */
    int64_t time_us;                   /* microseconds since the epoch, UTC */
    int8_t label;                      /* 1 known anomalous, 0 known innocent, -1 unknown */
    bool odd_label;                    /* unknown, because nobody can read it */
    rf_span fraud_type;                /* truth for evaluation only; ptr == NULL or empty when none */
    rf_place place;
    int64_t element; /* which one of the record's events, from 0; -1: a record of one */
    bool more;       /* the record has another event: what was read ends in the middle of it */
    void *share;     /* Kafka: what the owner of its partition named it (rf_source_owner); else NULL */
    rf_value values[RF_MAX_ATTRS]; /* one an attribute of the schema, in its order */
} rf_event;

/* The entity of kind k. */
static inline rf_span rf_event_entity(const rf_event *event, int kind)
{
    return kind == 0 ? event->entity : event->others[kind - 1];
}

/* What became of the records read so far, since the last completed build. They add up: read = accepted +
 * waiting + expired + late + duplicate + rejected + filtered, in any order of the same records. Until the
 * window has its final end, some that are counted accepted or duplicate will turn out to be waiting or
 * expired. */
typedef struct rf_counts {
    int64_t read;
    int64_t accepted;  /* in the window */
    int64_t waiting;   /* at or after its end: kept in the state for a later build */
    int64_t expired;   /* older than the window, repeats too */
    int64_t late;      /* older than what earlier builds have kept */
    int64_t duplicate; /* of an event id that was read before */
    int64_t rejected;  /* bad records */
    int64_t filtered;  /* not wanted (source.where), or without an event */
} rf_counts;

static inline int64_t rf_counts_outside(const rf_counts *counts)
{
    return counts->waiting + counts->expired + counts->late;
}

/* What tells a topic's partition from another one of its name: where it is, and what was read there last. */
typedef struct rf_topic_origin {
    char *cluster;       /* the id of its cluster; NULL: not known */
    char *topic_id;      /* NULL: not known */
    uint64_t last_hash;  /* of the key and value of the last message that was read; 0: none is known */
    int64_t last_offset; /* that message's offset */
    int64_t last_ms;     /* its time; -1: it has none */
} rf_topic_origin;

/* The copy owns its texts; *to has none before. */
RF_MUST_CHECK rf_status rf_topic_origin_copy(rf_topic_origin *to, const rf_topic_origin *from, rf_err *err);
bool rf_topic_origin_equal(const rf_topic_origin *a, const rf_topic_origin *b);
void rf_topic_origin_clear(rf_topic_origin *origin); /* of a copy */

/* How far one input was read: enough to continue after the last whole record. */
typedef struct rf_input_position {
    char *name;             /* path as opened (owned), "stdin", or topic */
    int32_t partition;      /* -1 for files */
    int64_t offset;         /* bytes of decompressed content consumed, or next Kafka offset */
    int64_t line;           /* lines consumed; of an Avro file: records of the block at `offset` */
    int64_t records;        /* records consumed, good or bad */
    int64_t filtered;       /* of a partition: those of them that are not wanted, in this run */
    uint64_t fingerprint;   /* hash of the first min(offset, 65536) bytes of content: tells a replaced file */
    uint64_t content;       /* of a file: hash of all `offset` bytes: tells a copy; 0: not known */
    rf_topic_origin origin; /* of a partition; owned like the name */
} rf_input_position;

typedef struct rf_positions {
    rf_input_position *items; /* rf_mem blocks; rf_positions_clear frees them */
    size_t n;
    int64_t dead_letter_bytes; /* length of the dead-letter file that belongs to these positions */
} rf_positions;

/* Adds a copy; items must have room for it. */
RF_MUST_CHECK rf_status rf_positions_add(rf_positions *positions, const rf_input_position *position,
                                         rf_err *err);
void rf_positions_clear(rf_positions *positions);

#endif
