/* kafka_probe.c - a second, short-lived client for questions that the member of the group cannot ask: it sees
 * uncommitted messages, and so the high watermarks, and may read a single message.
 */
#include "kafka_probe_int.h"

rf_status rf_probe_open(rf_probe *out, const rf_kafka_source_options *options, rf_err *err)
{
    static const rf_setting ours[] = {{"group.id", NULL},
                                      {"group.instance.id", NULL},
                                      {"isolation.level", NULL},
                                      {"enable.auto.commit", "false"},
                                      {"auto.offset.reset", "error"},
                                      {"enable.partition.eof", "true"},
                                      {NULL, NULL}};
    static const rf_setting defaults[] = {{"client.id", "ringfence"},
                                          {"isolation.level", "read_uncommitted"},
                                          {"fetch.message.max.bytes", "65536"},
                                          {"fetch.wait.max.ms", "10"},
                                          {NULL, NULL}};
    rf_status st = RF_OK;
    rd_kafka_conf_t *conf = NULL;
    if (out->client != NULL)
        return RF_OK;
    RF_TRY(rf_kafka_watch_new(&out->watch, "probe", err));
    RF_TRY(rf_kafka_conf(&conf, out->watch, options->settings, options->n_settings, ours, defaults, err));
    RF_TRY(rf_kafka_client(&out->client, RD_KAFKA_CONSUMER, conf, out->watch, err));
done:
    if (st < 0)
        rf_probe_close(out);
    return st;
}

void rf_probe_close(rf_probe *probe)
{
    if (probe->client != NULL)
        rd_kafka_destroy_flags(probe->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    rf_kafka_watch_free(probe->watch);
    *probe = (rf_probe){0};
}
