/* joined.c - entities whose ids are nearly the same hash become one, before a window is frozen.
 *
 * Those of all events before the window's end count, history included: the store holds the same ones however
 * it came about. Their cells change hands here; the state was written before and keeps ids as they came, so
 * that a later event can join what is apart today.
 */
#include <stdio.h>

#include "bigraph_int.h"
#include "rf_count.h"
#include "near_int.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_stop.h"
#include "sort_int.h"
#include "window_int.h"

/* An entity of so many hashes, and of more than one in so many of all, is said to be perhaps a chain. */
#define CHAIN_LEAST 100
#define CHAIN_ONE_IN 5

typedef struct rank_list { /* hashes in their order: equal ones by their ids' bytes */
    rf_sort_key *ranks;    /* key: hash, value: canonical number of the entity */
    size_t n;
    size_t others; /* entities that are no hashes */
} rank_list;

static int by_number(void *context, uint32_t a, uint32_t b)
{
    (void)context;
    return (a > b) - (a < b);
}

static rf_status list_hashes(rank_list *list, const rf_relation *relation, const rf_renumber_ids *ids,
                             uint32_t to_slot, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *store = &relation->store;
    uint8_t *used = NULL;
    RF_NEW(list->ranks, ids->n, err);
    RF_ZERO(used, ids->n, err);
    for (size_t c = 0; c < store->n_cells; c++)
        used[store->cells[c].v] |= store->cells[c].slot < to_slot;
    for (uint32_t v = 0; v < ids->n; v++) {
        uint64_t hash;
        if (!used[v])
            continue;
        if (rf_near_parse(&hash, rf_bigraph_sorted_text(relation->entities, ids, v)))
            list->ranks[list->n++] = (rf_sort_key){.key = hash, .value = v};
        else
            list->others++;
    }
    rf_sort_keys(list->ranks, list->n, by_number, NULL);
done:
    rf_mem_free(used);
    return st;
}

/* What the kind's messages begin with, and its setting. */
typedef struct near_words {
    char about[RF_KIND_NAME + 8], setting[RF_KIND_NAME + 24];
    int bits;
} near_words;

static near_words words_of(const rf_bigraph *graph, int kind)
{
    near_words words = {.about = "near", .setting = "fields.entity.near", .bits = graph->options.near_bits};
    if (graph->kinds.n > 0) {
        snprintf(words.about, sizeof words.about, "near: %s", graph->kinds.name[kind]);
        snprintf(words.setting, sizeof words.setting, "fields.entities.%s.near", graph->kinds.name[kind]);
        words.bits = graph->options.schema->kinds[kind].near_bits;
    }
    return words;
}

static void say(const rank_list *list, const uint32_t *into, uint32_t *sizes, const near_words *words,
                bool whole)
{
    size_t entities = 0, largest = 0;
    for (size_t i = 0; i < list->n; i++) {
        entities += into[i] == i;
        sizes[i] = 0; /* members come behind their first one */
        largest = ++sizes[into[i]] > largest ? sizes[into[i]] : largest;
    }
    rf_log(RF_LOG_INFO, "%s: %s, those within %s joined, %s %s; the largest is of %zu", words->about,
           RF_THINGS((int64_t)list->n, "hash"), RF_THINGS(words->bits, "bit"), list->n == 1 ? "is" : "are",
           RF_THINGS((int64_t)entities, "entity"), largest);
    if (largest >= CHAIN_LEAST && largest > list->n / CHAIN_ONE_IN)
        rf_log(RF_LOG_WARN,
               "%s: one entity is of %zu hashes, %.0f%% of all: perhaps a chain of hashes of which the ends "
               "have nothing in common. A lower %s parts them",
               words->about, largest, 100.0 * (double)largest / (double)list->n, words->setting);
    if (list->others > 0)
        rf_log(RF_LOG_WARN, "%s: no hashes of 16 hex digits, so joined with none: %s of %s", words->about,
               RF_COUNT((int64_t)list->others), RF_THINGS((int64_t)(list->n + list->others), "entity"));
    if (!whole)
        rf_log(RF_LOG_WARN,
               "%s: too many hashes are alike in too many bits to compare all: some that are near stay "
               "apart. A lower %s needs fewer comparisons",
               words->about, words->setting);
}

/* into[v]: the entity that v becomes. */
static rf_status find_joined(uint32_t *into, const rank_list *list, const near_words *words, rf_err *err)
{
    rf_status st = RF_OK;
    rf_near_hash *hashes = NULL;
    uint32_t *into_rank = NULL, *sizes = NULL;
    bool whole;
    RF_NEW(hashes, list->n, err);
    RF_NEW(into_rank, list->n, err);
    for (size_t i = 0; i < list->n; i++)
        hashes[i] = (rf_near_hash){.hash = list->ranks[i].key, .number = (uint32_t)i};
    rf_near_join(into_rank, list->n, &whole, hashes, list->n, words->bits);
    RF_TRY(rf_stop_check(err));
    for (size_t i = 0; i < list->n; i++)
        into[list->ranks[i].value] = list->ranks[into_rank[i]].value;
    RF_NEW(sizes, list->n, err);
    say(list, into_rank, sizes, words, whole);
done:
    rf_mem_free(hashes);
    rf_mem_free(into_rank);
    rf_mem_free(sizes);
    return st;
}

rf_status rf_bigraph_join_near(rf_bigraph *graph, int kind, uint32_t to_slot, rf_err *err)
{
    rf_status st = RF_OK;
    rank_list list = {0};
    rf_relation *relation = &graph->relation[kind];
    const rf_renumber_ids *ids = &graph->renumber.entity[kind];
    const near_words words = words_of(graph, kind);
    uint32_t *into = NULL, v = 0;
    if (words.bits == 0)
        return RF_OK;
    RF_TRY(list_hashes(&list, relation, ids, to_slot, err));
    RF_NEW(into, ids->n, err);
    for (uint32_t i = 0; i < ids->n; i++)
        into[i] = i;
    RF_TRY(find_joined(into, &list, &words, err));
    while (v < ids->n && into[v] == v)
        v++;
    if (v < ids->n)
        RF_TRY(rf_store_join_entities(&relation->store, into, err));
done:
    rf_mem_free(list.ranks);
    rf_mem_free(into);
    return st;
}
