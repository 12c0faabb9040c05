/* metrics_sklearn.h - printed by metrics_sklearn.py. */
#include <stdint.h>

/* Areas by scikit-learn 1.9.1: roc_auc_score, auc(recall, precision) of precision_recall_curve,
 * average_precision_score. */
static const float score0[] = {
    0.0012000000569969416F, 0.2987000048160553F,   -0.27410000562667847F, -0.8906000256538391F,
    -0.4546999931335449F,   -0.991599977016449F,   0.060100000351667404F, 1.3401999473571777F,
    -0.49219998717308044F,  -0.6205000281333923F,  0.48980000615119934F,  0.35690000653266907F,
    0.10540000349283218F,   -0.9304999709129333F,  -0.02930000051856041F, 0.6952999830245972F,
    -1.3442000150680542F,   -0.4575999975204468F,  -1.9012000560760498F,  -1.2894999980926514F,
    -1.8416999578475952F,   -0.23510000109672546F, -1.2674000263214111F,  0.27129998803138733F};
static const uint8_t label0[] = {1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0};
static const float score1[] = {0.75F, 0.5F,  0.75F, 1.0F,  0.75F, 0.25F, 0.75F, 0.5F,  0.0F, 0.0F,
                               0.75F, 0.25F, 0.5F,  0.25F, 0.25F, 0.0F,  0.25F, 1.0F,  0.5F, 0.25F,
                               0.5F,  1.0F,  0.25F, 0.5F,  0.5F,  0.75F, 0.5F,  0.75F, 0.5F, 0.75F,
                               1.0F,  0.0F,  0.5F,  0.5F,  0.25F, 0.25F, 0.0F,  0.5F,  1.0F, 0.0F};
static const uint8_t label1[] = {0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0,
                                 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0};
static const float score2[] = {1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F};
static const uint8_t label2[] = {1, 0, 0, 1, 0, 0, 0, 0, 1};
static const float score3[] = {4.0F, 3.0F, 2.0F, 1.0F};
static const uint8_t label3[] = {1, 1, 0, 0};
static const float score4[] = {1.0F, 2.0F, 3.0F, 4.0F};
static const uint8_t label4[] = {1, 1, 0, 0};
static const float score5[] = {-3.0F, -0.0F, 0.0F, 2.0F, -3.0F, 5.0F, 0.0F, -1.0F};
static const uint8_t label5[] = {0, 1, 0, 1, 1, 0, 1, 0};
static const float score6[] = {0.75F,  0.25F,  0.875F, 0.5F,  0.5F,   0.75F, 0.75F,  0.875F, 0.875F, 0.125F,
                               0.375F, 0.875F, 0.25F,  0.0F,  0.5F,   0.75F, 0.625F, 0.75F,  0.625F, 0.125F,
                               0.75F,  0.375F, 0.75F,  0.75F, 0.875F, 0.0F,  0.75F,  0.625F, 0.375F, 0.75F};
static const uint8_t label6[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
static const struct {
    const char *name;
    int n;
    const float *score;
    const uint8_t *y;
    double roc_auc, pr_auc, average_precision;
} sklearn_cases[] = {
    {"no_ties", 24, score0, label0, 0.5407407407407407, 0.5479881373070228, 0.5667508417508418},
    {"many_ties", 40, score1, label1, 0.4866666666666667, 0.3382126696832579, 0.2721357466063349},
    {"all_equal", 9, score2, label2, 0.5, 0.6666666666666666, 0.3333333333333333},
    {"perfect", 4, score3, label3, 1.0, 1.0, 1.0},
    {"worst", 4, score4, label4, 0.0, 0.29166666666666663, 0.41666666666666663},
    {"negative_and_zero", 8, score5, label5, 0.53125, 0.4625, 0.55},
    {"one_positive", 30, score6, label6, 0.6724137931034483, 0.03333333333333333, 0.06666666666666667},
};
