/* publish_int.h - what snapshot.c and publish.c share. */
#ifndef RF_PUBLISH_INT_H
#define RF_PUBLISH_INT_H

#include "rf_status.h"

/* path + ".building": rf_mem block. */
RF_MUST_CHECK char *rf_building_path(const char *path, rf_err *err);

#endif
