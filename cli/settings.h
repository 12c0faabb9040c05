/* settings.h - the configuration as the rooms want it: their option structs filled from the one YAML file. */
#ifndef RF_SETTINGS_H
#define RF_SETTINGS_H

#include "cli_int.h"
#include "rf_bigraph.h"
#include "rf_clusters.h"
#include "rf_emit.h"
#include "rf_evaluate.h"
#include "rf_simulate.h"
#include "rf_source.h"
#include "rf_train.h"

/* "KEY is not set", RF_E_INVALID. */
RF_MUST_CHECK rf_status rf_settings_missing(const char *key, const char *example, rf_err *err);

/* ---- settings_source.c ---- Texts are borrowed from the configuration and from cli. RF_E_INVALID names the
 * key that is missing, or the two that do not go together. */
RF_MUST_CHECK rf_status rf_settings_source(rf_source_options *out, rf_cli *cli, rf_err *err);
/* ---- settings.c ---- identity is written to; it must outlive *out. */
RF_MUST_CHECK rf_status rf_settings_bigraph(rf_bigraph_options *out, rf_text *identity,
                                            const rf_config *config, rf_err *err);
void rf_settings_train(rf_train_options *out, const rf_config *config);
void rf_settings_score(rf_score_options *out, const rf_config *config);
void rf_settings_cluster(rf_cluster_options *out, const rf_config *config);
void rf_settings_evaluate(rf_evaluate_options *out, const rf_config *config);
RF_MUST_CHECK rf_status rf_settings_emit(rf_emit_options *out, const rf_config *config, rf_err *err);
void rf_settings_simulate(rf_simulate_options *out, const rf_config *config);

#endif
