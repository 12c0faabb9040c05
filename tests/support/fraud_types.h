/* fraud_types.h - the types of fraud that the simulator plants. */
#ifndef FRAUD_TYPES_H
#define FRAUD_TYPES_H

#include <check.h>
#include <string.h>

enum { FRAUD_TYPES = 11 };
static const char *const fraud_types[FRAUD_TYPES] = {
    "promo_abuse",  "collusion",   "account_farm", "card_testing",    "velocity_bot", "account_takeover",
    "refund_abuse", "review_farm", "device_farm",  "mule_fan_in_out", "self_dealing"};

/* Its place in the list, -1 for "" (no fraud); another name fails the test. */
static inline int fraud_type_index(const char *name)
{
    if (name[0] == '\0')
        return -1;
    for (int i = 0; i < FRAUD_TYPES; i++)
        if (strcmp(fraud_types[i], name) == 0)
            return i;
    ck_abort_msg("no type is called %s", name);
    return -1;
}

#endif
