/* rf_idmap.h - strings to dense numbers: each distinct string gets the next uint32_t.
 *
 * Open addressing over (hash, number) slots; bytes are compared only where the hashes agree. The strings lie
 * one after the other in large blocks that never move, so a returned text stays valid as long as the
 * map. Lookup O(len).
 */
#ifndef RF_IDMAP_H
#define RF_IDMAP_H

#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

#define RF_NO_ID UINT32_MAX

typedef struct rf_idmap rf_idmap;

RF_MUST_CHECK rf_status rf_idmap_new(rf_idmap **out, rf_err *err);
void rf_idmap_free(rf_idmap *map);
/* Overwrites the strings: what is left to do with the map is to free it. NULL allowed. */
void rf_idmap_wipe(rf_idmap *map);

/* The number of text; a new one if it was never seen (then *is_new, which may be NULL, is set to 1, else to
 * 0). */
RF_MUST_CHECK rf_status rf_idmap_intern(rf_idmap *map, const char *text, size_t len, uint32_t *id,
                                        int *is_new, rf_err *err);
uint32_t rf_idmap_find(const rf_idmap *map, const char *text, size_t len); /* RF_NO_ID if absent */

uint32_t rf_idmap_count(const rf_idmap *map);
const char *rf_idmap_text(const rf_idmap *map, uint32_t id,
                          size_t *len); /* NUL-terminated; len may be NULL */

/* Writes into order[count] the numbers sorted by their strings' bytes (memcmp, shorter first). */
RF_MUST_CHECK rf_status rf_idmap_sort(const rf_idmap *map, uint32_t *order, rf_err *err);

/* For callers with many lookups under way: hash once, fetch the slot, later the text, and intern when both
 * are near. */
uint64_t rf_idmap_hash(const char *text, size_t len);
void rf_idmap_prefetch(const rf_idmap *map, uint64_t hash);
/* Of a text of len bytes; reads the slot: prefetch that first. */
void rf_idmap_prefetch_text(const rf_idmap *map, size_t len, uint64_t hash);
/* rf_idmap_intern with the hash of text known. */
RF_MUST_CHECK rf_status rf_idmap_intern_hashed(rf_idmap *map, const char *text, size_t len, uint64_t hash,
                                               uint32_t *id, int *is_new, rf_err *err);

#endif
