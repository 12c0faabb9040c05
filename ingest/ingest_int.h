/* ingest_int.h - what the JSON decoder's files include. */
#ifndef RF_INGEST_INT_H
#define RF_INGEST_INT_H

#include "event_json_int.h"

#endif
