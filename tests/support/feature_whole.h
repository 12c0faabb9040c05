/* feature_whole.h - the features of a window with the edges' rows in memory, as no product code needs them.
 */
#ifndef RF_FEATURE_WHOLE_H
#define RF_FEATURE_WHOLE_H

#include "features_int.h"

RF_MUST_CHECK static inline rf_status feature_whole(rf_feature_matrix out[RF_SIDES],
                                                    const rf_window_view *view, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_features f = {0};
    rf_feature_matrix made[RF_SIDES] = {{0}};
    RF_TRY(rf_features_prepare(&f, view, pool, err));
    for (rf_side s = 0; s < RF_SIDES; s++)
        RF_TRY(rf_features_make(&made[s], &f, s, err));
    rf_features_clear(&f);
    for (rf_side s = 0; s < RF_SIDES; s++)
        RF_TRY(rf_standardise(&made[s], pool, err));
    for (rf_side s = 0; s < RF_SIDES; s++) {
        out[s] = made[s];
        made[s] = (rf_feature_matrix){0};
    }
done:
    rf_features_clear(&f);
    for (rf_side s = 0; s < RF_SIDES; s++)
        rf_feature_matrix_clear(&made[s]);
    return st;
}

#endif
