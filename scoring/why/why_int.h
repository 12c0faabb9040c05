/* why_int.h - features in words, and the sentence made of them: what the files of scoring/why share. */
#ifndef RF_WHY_INT_H
#define RF_WHY_INT_H

#include "rf_feature_words.h"
#include "rf_why.h"

#define RF_PHRASE_TEXT 160

/* "largest amount" for "amount_max": whole UTF-8 characters, without control characters and marks that turn
 * the direction of writing, cut to fit. Names of attributes come from configurations, names of categories'
 * values from events. */
rf_feature_words rf_phrase_name(char out[RF_PHRASE_TEXT], const char *feature);
/* What was done: "channel api" for "channel=api", "refund" for "refund". */
void rf_phrase_did(char out[RF_PHRASE_TEXT], const char *feature);
char *rf_phrase_value(char out[32], rf_unit unit, double value); /* returns out */

/* Appends "largest amount is 812 where 41.2 was expected, and the number of events is 3 where 90 was
 * expected."; n > 0. */
void rf_phrase_features(char out[RF_SENTENCE], const rf_graph_side *of, const char *entity,
                        const rf_reason *reasons, int n);

const char *rf_phrase_article(const char *word); /* "a" or "an" */
/* "device", "ip range"; "devices", "addresses": returns out. */
char *rf_phrase_kind(char out[RF_PHRASE_TEXT], const rf_kinds *kinds, int kind, bool several);

#define RF_PHRASE_ID 48
/* Appends an id of others, as rf_quote_said says. Safe to print. */
void rf_phrase_id(char out[RF_PHRASE_ID], const char *id);

/* Appends text to out of cap bytes: what does not fit whole is left out, and text that is not UTF-8 is "?".
 */
void rf_phrase_add(char *out, size_t cap, const char *text, size_t len, bool underscores_are_spaces);

/* Fills out->sentence from the rest of out, which is complete. */
void rf_sentence(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                 int64_t row);
/* Makes out->sentence what lockstep, overlap, copied or burst rests on, of the kind in which the subject has
 * most of it; false, and nothing, where that cannot be said. */
bool rf_say_together(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                     int64_t row, rf_part_id part);

/* Makes out->sentence who else uses a thing of another kind than the main one: the subject itself, or of a
 * user the one that is most surprising: "It shares device d17 with 14 other users, where a device has 1.1 on
 * average: u12, u77, u80 and 11 more." false, and nothing, where not more share it than is usual. */
bool rf_say_shared(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                   int64_t row);
/* Makes out->sentence what the part company of a user rests on: "It shares device d17 with u12, u77, u80
 * and 2 more; 4 of these 5 are among the most surprising 5 % of users." false, and nothing, where it has
 * none. */
bool rf_say_company(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, int64_t user);
/* Makes out->sentence what is odd about that thing itself, which is how the part shared can be large where
 * nobody else uses it: "It met device d17, of which the most events within a day is 90 where 2.1 was
 * expected." false, and nothing, where it has none. */
bool rf_say_thing(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, int64_t user);
/* Makes out->sentence what the user of an edge shares, or that of an entity's worst one, in the same words:
 * "Its user u5 shares device d17 with ...". out->edges are complete. false, and nothing, where neither can be
 * said. */
bool rf_say_sharer(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                   int64_t row);

#endif
