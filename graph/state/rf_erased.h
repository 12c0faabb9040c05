/* rf_erased.h - what was taken out of a state. */
#ifndef RF_ERASED_H
#define RF_ERASED_H

#include "rf_subjects.h"

typedef struct rf_erased {
    int64_t users, entities; /* subjects that were there */
    int64_t cells, events;   /* of theirs */
    int64_t categories;      /* values of categories that were renamed */
} rf_erased;

#endif
