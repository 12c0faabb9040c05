/* rf_memory_room.h - how much more memory this process can have, and what says so.
 *
 * Four things bound it: the limits on its address space and on its data (ulimit -v, ulimit -d), the memory of
 * its control groups (both versions, each group up to the root), and the machine's memory with its swap.
 * Memory that is only reserved counts against the first two, memory that is used against the others.
 */
#ifndef RF_MEMORY_ROOM_H
#define RF_MEMORY_ROOM_H

#include <stdint.h>

typedef enum rf_memory_bound {
    RF_BOUND_ADDRESS,
    RF_BOUND_DATA,
    RF_BOUND_GROUP,
    RF_BOUND_MACHINE,
    RF_BOUNDS,
    RF_BOUND_NONE = RF_BOUNDS
} rf_memory_bound;

typedef struct rf_memory_room {
    int64_t most[RF_BOUNDS]; /* bytes; INT64_MAX: no such limit */
    int64_t left[RF_BOUNDS]; /* of them; what the kernel can drop (file pages) counts as left */
    int64_t resident;        /* bytes that this process uses now */
    int64_t available;       /* bytes that the machine can give without swapping; INT64_MAX: not known */
} rf_memory_room;

/* What cannot be read bounds nothing. root goes in front of /proc and /sys; it is "" but in tests. */
void rf_memory_room_read(rf_memory_room *room, const char *root);

/* The first bound that so many more bytes break, `used` of them to be used and `reserved` only to be
 * reserved; RF_BOUND_NONE: they fit. */
rf_memory_bound rf_memory_room_breaks(const rf_memory_room *room, int64_t used, int64_t reserved);

#endif
