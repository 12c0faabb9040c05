/* schema_registry_int.h - schemas by their numbers, from a registry over HTTP. */
#ifndef RF_SCHEMA_REGISTRY_INT_H
#define RF_SCHEMA_REGISTRY_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_source.h"
#include "rf_text.h"

typedef struct rf_registry rf_registry;
/* Asks nothing yet. patience_us: for how long a schema is asked for, with all that it refers to; most: the
 * bytes of all these. RF_E_INVALID: the URL or a secret cannot be read. */
RF_MUST_CHECK rf_status rf_registry_open(rf_registry **out, const rf_avro_options *options,
                                         int64_t patience_us, size_t most, rf_err *err);
/* RF_OK: the JSON of an Avro schema is added to *json; *list: of several, of which the last is meant, and the
 * others define what it refers to. RF_SKIPPED: the registry says that it has none, another kind, or far too
 * much; *why says so. RF_E_IO: it did not answer. RF_E_INVALID: it refuses, or is no registry.
 * RF_E_INTERRUPTED: stopped. */
RF_MUST_CHECK rf_status rf_registry_schema(rf_text *json, bool *list, rf_text *why, rf_registry *registry,
                                           uint32_t number, rf_err *err);
void rf_registry_stop(rf_registry *registry); /* from another thread; NULL allowed */
void rf_registry_close(rf_registry *registry);

#endif
