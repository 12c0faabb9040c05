/* part_table.c - the rows of rf_part.h. */
#include "rf_part.h"

const rf_part_row rf_part_table[RF_PARTS] = {
    [RF_PART_RAW_TAIL] = {"raw_tail",
                          true,
                          RF_ANOMALY_OUTLIER,
                          {true, true, true},
                          "values far out in the tails of their columns"},
    [RF_PART_RESIDUAL] =
        {"residual", true, RF_ANOMALY_OUTLIER, {true, true, true}, "values far from what the model expects"},
    [RF_PART_PARTIAL_RESIDUAL] = {"partial_residual",
                                  true,
                                  RF_ANOMALY_OUTLIER,
                                  {true, true, true},
                                  "values that the model's errors in the other columns do not explain"},
    [RF_PART_LOCKSTEP] = {"lockstep",
                          true,
                          RF_ANOMALY_RING,
                          {true, true, true},
                          "the same users at the same entities at about the same times"},
    [RF_PART_STRUCTURE] = {"structure",
                           true,
                           RF_ANOMALY_UNLIKELY_MEETING,
                           {true, true, true},
                           "a user and an entity that the model does not expect to meet"},
    [RF_PART_NEIGHBOURS] = {"neighbours",
                            true,
                            RF_ANOMALY_NONE,
                            {true, true, true},
                            "surprising events just before and after, at the same user or entity"},
    [RF_PART_OWN_RESIDUAL] = {"own_residual",
                              true,
                              RF_ANOMALY_OUTLIER,
                              {true, true, false},
                              "features of the node itself far from what the model expects"},
    [RF_PART_OVERLAP] = {"overlap",
                         false,
                         RF_ANOMALY_RING,
                         {true, true, true},
                         "entities that share more users than chance, whenever they meet"},
    [RF_PART_COPIED] = {"copied",
                        false,
                        RF_ANOMALY_COPIED_BEHAVIOUR,
                        {true, true, true},
                        "users who meet more of the same entities than chance, whenever they meet"},
    [RF_PART_SEQUENCE] = {"sequence",
                          false,
                          RF_ANOMALY_SEQUENCE,
                          {true, false, true},
                          "steps in an order or at a pace that other users do not have, or always the same"},
    [RF_PART_BURST] = {"burst",
                       false,
                       RF_ANOMALY_BURST,
                       {true, true, true},
                       "more events within a short time than it and everybody have otherwise"},
};

const char *rf_anomaly_name(rf_anomaly anomaly)
{
    static const char *const names[RF_ANOMALIES] = {"",      "outlier",          "unlikely_meeting", "ring",
                                                    "burst", "copied_behaviour", "sequence"};
    return names[anomaly];
}
