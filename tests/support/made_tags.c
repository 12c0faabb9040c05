/* made_tags.c - see made_tags.h. */
#include "made_tags.h"

#include "rf_check.h"

#include "rf_rng.h"

#define RULES 3
#define SIGNALS 6

static const char *const types[RULES] = {"promo_abuse", "collusion", RF_UNKNOWN_PATTERN};
static const char *const abouts[RULES] = {"New accounts drain coupons.",
                                          "One user pays one shop for nothing.",
                                          "A high score that no rule explains."};
static const uint16_t first_signal[RULES + 1] = {0, 2, 5, 6};
static const char *const names[SIGNALS] = {"coupons", "young", "often", "alone", "round", "rank"};
static const char *const values[SIGNALS] = {"user.u_0", "user.u_1",     "edge.e_0",
                                            "edge.e_1", "max edge.e_0", "percentile"};

static void *zeroed(int64_t n, size_t size)
{
    void *block = rf_mem_zero((size_t)n, size, NULL);
    ck_assert_ptr_nonnull(block);
    return block;
}

static rf_texts texts_of(const char *const *from, int64_t n)
{
    rf_texts texts = {.n = n, .at = zeroed(n + 1, sizeof *texts.at), .bytes = zeroed(n * 64 + 1, 1)};
    for (int64_t i = 0; i < n; i++) {
        strcpy(texts.bytes + texts.at[i], from[i]);
        texts.at[i + 1] = texts.at[i] + (int64_t)strlen(from[i]) + 1;
    }
    return texts;
}

static void add_evidence(rf_tag_side *side, rf_tag *tag, rf_rng *rng)
{
    tag->evidence = side->n_evidence;
    tag->n_evidence = first_signal[tag->rule + 1] - first_signal[tag->rule];
    for (int32_t k = 0; k < tag->n_evidence; k++) {
        bool known = rf_rng_below(rng, 8) != 0;
        side->evidence[side->n_evidence++] = (rf_evidence){
            .signal = (uint16_t)(first_signal[tag->rule] + k),
            .strength = known ? (float)rf_rng_uniform(rng) : 0,
            .percentile = known ? (float)rf_rng_uniform(rng) : NAN,
            .observed = known ? rf_rng_normal(rng) : NAN,
            .threshold = rf_rng_normal(rng),
        };
    }
}

static void fill_side(rf_tag_side *side, int64_t n, const int64_t *edges, rf_rng *rng)
{
    side->n = n;
    side->ptr = zeroed(n + 1, sizeof *side->ptr);
    side->tags = zeroed(n * RULES, sizeof *side->tags);
    side->evidence = zeroed(n * SIGNALS, sizeof *side->evidence);
    int64_t at = 0;
    for (int64_t row = 0; row < n; row++) {
        float confidence = 1;
        bool explained = false;
        for (uint16_t rule = 0; rule < RULES; rule++) {
            if (rf_rng_below(rng, 2) != 0 || (explained && rule == RULES - 1))
                continue;
            explained = true;
            rf_tag *tag = &side->tags[at++];
            bool taken = edges != NULL && rule == 1 && edges[row + 1] > edges[row];
            confidence *= (float)(0.5 + rf_rng_uniform(rng) / 2);
            *tag = (rf_tag){.rule = rule, .confidence = confidence};
            tag->edge = taken ? (uint32_t)edges[row] : RF_NO_EDGE;
            add_evidence(side, tag, rng);
        }
        side->ptr[row + 1] = at;
    }
}

rf_tags *made_tags(const rf_graph *graph, const rf_scores *scores, uint64_t seed)
{
    rf_tags *tags = zeroed(1, sizeof *tags);
    rf_rng rng;
    rf_rng_init(&rng, seed, 7);
    tags->rule_type = texts_of(types, RULES);
    tags->rule_about = texts_of(abouts, RULES);
    tags->signal_name = texts_of(names, SIGNALS);
    tags->signal_value = texts_of(values, SIGNALS);
    tags->signal_about = texts_of(names, SIGNALS);
    tags->signal_rule = zeroed(SIGNALS, sizeof *tags->signal_rule);
    tags->signal_above = zeroed(SIGNALS, 1);
    for (uint16_t rule = 0; rule < RULES; rule++) {
        for (uint16_t i = first_signal[rule]; i < first_signal[rule + 1]; i++) {
            tags->signal_rule[i] = rule;
            tags->signal_above[i] = i % 2 == 0;
        }
    }
    fill_side(&tags->side[RF_USER], graph->side[RF_USER].n, graph->adj.u_ptr, &rng);
    fill_side(&tags->side[RF_ENTITY], graph->side[RF_ENTITY].n, NULL, &rng);
    fill_side(&tags->side[RF_EDGE], graph->side[RF_EDGE].n, NULL, &rng);
    tags->kinds = graph->kinds;
    for (rf_side s = RF_SIDES; s < rf_sides(&graph->kinds); s++)
        fill_side(&tags->side[s], graph->side[s].n, NULL, &rng);
    tags->rule_kind = zeroed(RULES, 1);
    memcpy(tags->run_id, scores->run_id, sizeof tags->run_id);
    strcpy(tags->rules_name, "made");
    tags->rules_version = 3;
    strcpy(tags->rules_hash, "0123456789abcdef");
    return tags;
}
