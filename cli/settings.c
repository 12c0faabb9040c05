/* settings.c - fills the rooms' option structs from the configuration; those of the sources stand in
 * settings_source.c.
 */
#include "settings.h"

#include <math.h>
#include <string.h>

/* ---- graph ---- */

static rf_status add_field(rf_text *text, const char *name, const char *value, rf_err *err)
{
    return value == NULL ? RF_OK : rf_text_printf(text, err, "%s %s\n", name, value);
}

/* What decides how an event becomes part of the state: another text means that the state cannot be gone on
 * with. Where events come from (files, brokers, topics, groups) is not part of it: positions have names of
 * their own, and a cluster may move. */
static rf_status write_identity(rf_text *text, const rf_config *config, const char *zone, rf_err *err)
{
    static const char *const types[] = {"number", "category", "boolean", "time_of_day", "time_of_week"};
    rf_status st = RF_OK;
    const rf_schema *schema = &config->fields.schema;
    RF_TRY(add_field(text, "user", config->fields.user, err));
    RF_TRY(add_field(text, "entity", config->fields.entity, err));
    RF_TRY(add_field(text, "time", config->fields.time_field, err));
    RF_TRY(add_field(text, "time.format", config->fields.time_format, err));
    RF_TRY(add_field(text, "time.zone", config->fields.time_zone, err));
    RF_TRY(add_field(text, "event_id", config->fields.event_id, err));
    RF_TRY(add_field(text, "label", config->fields.label, err));
    RF_TRY(add_field(text, "fraud_type", config->fields.fraud_type, err));
    for (int i = 0; i < schema->n_attrs; i++) {
        const rf_attr *attr = &schema->attrs[i];
        RF_TRY(rf_text_printf(text, err, "attribute %s %s %s%s", attr->name, types[attr->type],
                              attr->field == NULL ? "" : attr->field, attr->required ? "" : " optional"));
        if (attr->type == RF_ATTR_CATEGORY)
            RF_TRY(rf_text_printf(text, err, " top %d", attr->top));
        RF_TRY(rf_text_printf(text, err, "%s\n", attr->log1p ? " log1p" : ""));
    }
    RF_TRY(
        add_field(text, "granularity", config->graph.granularity == RF_CONFIG_EVENT ? "event" : "pair", err));
    RF_TRY(rf_text_printf(text, err, "bucket %lldus\n", (long long)config->graph.bucket_us));
    RF_TRY(add_field(text, "zone", zone, err));
done:
    return st;
}

rf_status rf_settings_bigraph(rf_bigraph_options *out, rf_text *identity, const rf_config *config,
                              rf_err *err)
{
    rf_status st = RF_OK;
    const char *zone = config->graph.zone != NULL ? config->graph.zone : config->fields.time_zone;
    RF_TRY(write_identity(identity, config, zone, err));
    *out = (rf_bigraph_options){
        .granularity =
            config->graph.granularity == RF_CONFIG_EVENT ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR,
        .window_us = config->graph.window_us,
        .as_of_us = config->graph.as_of_us == RF_CONFIG_WORD ? RF_AS_OF_LATEST : config->graph.as_of_us,
        .bucket_us = config->graph.bucket_us,
        .history_us = config->graph.history_us,
        .zone = zone,
        .label_share = config->graph.label_share,
        .features = config->graph.features,
        .schema = &config->fields.schema,
        .identity = identity->ptr};
done:
    return st;
}

/* ---- model ---- */

static int number(const rf_numbers *list, int i)
{
    return (int)list->items[list->n == 1 ? 0 : i];
}

void rf_settings_train(rf_train_options *out, const rf_config *config)
{
    rf_train_options_default(out);
    out->epochs = (int)config->train.epochs;
    out->lr = config->train.lr;
    out->eta = config->train.eta;
    out->seed = (uint64_t)config->train.seed;
    for (int i = 0; i < 3; i++)
        out->hidden[i] = number(&config->train.hidden, i);
    for (int i = 0; i < 2; i++)
        out->latent[i] = number(&config->train.latent, i);
    out->edge_latent = config->train.latent.n == 3 ? number(&config->train.latent, 2) : 0;
    out->layers_encoder = (int)config->train.layers_encoder;
    out->layers_decoder = (int)config->train.layers_decoder;
    out->layers_mlp = (int)config->train.layers_mlp;
    out->dropout = config->train.dropout;
    out->negatives = config->train.negatives;
    out->n_milestones = config->train.milestones.n;
    for (int i = 0; i < out->n_milestones; i++)
        out->milestones[i] = (int)config->train.milestones.items[i];
    out->gamma = config->train.gamma;
    out->init = config->train.init == RF_CONFIG_ORTHOGONAL ? RF_INIT_ORTHOGONAL : RF_INIT_KAIMING_UNIFORM;
    out->patience = (int)config->train.patience;
    out->min_delta = config->train.min_delta;
    out->checkpoint_every = (int)config->train.checkpoint_every;
}

void rf_settings_score(rf_score_options *out, const rf_config *config)
{
    rf_score_options_default(out);
    out->agg = config->score.agg == RF_CONFIG_MEAN ? RF_AGG_MEAN : RF_AGG_MAX;
    out->eta = isnan(config->score.eta) ? config->train.eta : config->score.eta;
    out->frozen = config->score.frozen;
    out->reasons = (int)config->score.reasons;
}

void rf_settings_cluster(rf_cluster_options *out, const rf_config *config)
{
    rf_cluster_options_default(out);
    out->seed_percentile = config->cluster.seed_percentile;
    out->grow_percentile = config->cluster.grow_percentile;
    out->excess = config->cluster.excess;
    out->hops = (int)config->cluster.hops;
    out->hub_percentile = config->cluster.hub_percentile;
    out->resolution = config->cluster.resolution;
    out->min_members = config->cluster.min_members;
    out->max_members = config->cluster.max_members;
    out->max_clusters = config->cluster.max_clusters;
    out->dense_blocks = config->cluster.dense_blocks;
    out->seed = (uint64_t)config->cluster.seed;
}

void rf_settings_evaluate(rf_evaluate_options *out, const rf_config *config)
{
    rf_evaluate_options_default(out);
    out->n_k = config->evaluate.k.n;
    for (int i = 0; i < out->n_k; i++)
        out->k[i] = (int64_t)config->evaluate.k.items[i];
    out->n_percentile = config->evaluate.percentile.n;
    for (int i = 0; i < out->n_percentile; i++)
        out->percentile[i] = config->evaluate.percentile.items[i];
}

/* ---- actions ---- */

static void fill_emit_kafka(rf_emit_kafka *out, const rf_config *config)
{
    out->settings = config->kafka;
    out->n_settings = config->n_kafka;
    out->topic = config->emit.topic;
    out->score_topic = config->emit.score_topic;
    out->create_topics = config->emit.create_topics;
    out->partitions = (int)config->emit.partitions;
    out->replication = (int)config->emit.replication;
    out->force = config->emit.force;
    out->broker_timeout_us = config->source.broker_timeout_us;
}

rf_status rf_settings_emit(rf_emit_options *out, const rf_config *config, rf_err *err)
{
    rf_emit_options_default(out);
    if (config->emit.to == RF_CONFIG_TO_KAFKA) {
        if (config->emit.topic == NULL)
            return rf_settings_missing("emit.topic", "TOPIC", err);
        out->to = RF_EMIT_KAFKA;
        fill_emit_kafka(&out->kafka, config);
    }
    out->source = config->emit.source;
    out->max_reasons = (int)config->emit.max_reasons;
    out->envelope = config->emit.envelope;
    out->clusters = config->emit.clusters;
    out->tag_confidence = config->emit.tag_confidence;
    if (!isnan(config->emit.score)) {
        out->threshold_type = RF_THRESHOLD_SCORE;
        out->threshold = config->emit.score;
    } else if (!isnan(config->emit.top)) {
        out->threshold_type = RF_THRESHOLD_TOP;
        out->threshold = config->emit.top;
    } else {
        out->threshold_type = RF_THRESHOLD_PERCENTILE;
        out->threshold = config->emit.percentile;
    }
    return RF_OK;
}

void rf_settings_simulate(rf_simulate_options *out, const rf_config *config)
{
    rf_simulate_options_default(out);
    out->events = config->simulate.events;
    out->seed = (uint64_t)config->simulate.seed;
    out->start_us = config->simulate.start_us;
    out->days = (int)config->simulate.days;
    out->users = config->simulate.users;
    out->entities = config->simulate.entities;
    out->fraud_share = config->simulate.fraud_share;
    out->fraud_types = config->simulate.fraud_types;
}
