/* test_column_plan.c - the columns of a model in the graph of another night, by name: which of a category's
 * values have a column of their own changes from night to night, and a kind of entity may be missing.
 */
#include <math.h>
#include <string.h>

#include "columns_int.h"
#include "made_graph.h"
#include "rf_check.h"
#include "rf_graphbean.h"
#include "rf_mem.h"

enum { N = 10 };

/* ---- nights and models ---- */

/* A graph whose entities have these d columns: tamed values, by columns, standardised by their own means and
 * scales. */
static rf_graph *night(int d, const char *const *names, const double tamed[][N])
{
    rf_err err = {0};
    rf_graph *graph = made_graph((made_shape){20, N, 60, 2, d, 2, 5});
    rf_graph_side *side = &graph->side[RF_ENTITY];
    made_graph_set_names(side, names);
    side->mean = rf_mem_zero((size_t)d, sizeof *side->mean, &err);
    side->scale = rf_mem_zero((size_t)d, sizeof *side->scale, &err);
    for (int j = 0; j < d; j++) {
        side->mean[j] = 0.25F * (float)(j + 1);
        side->scale[j] = 0.5F + (float)d;
        for (int i = 0; i < N; i++)
            side->x[i * d + j] = (rf_real)((tamed[j][i] - (double)side->mean[j]) / (double)side->scale[j]);
    }
    return graph;
}

/* Columns that are constant, and their tamed values. */
static void drop(rf_graph_side *side, int n, const char *const *names, const float *values)
{
    rf_err err = {0};
    rf_texts kept = side->feature_names;
    int d = side->d;
    side->feature_names = (rf_texts){0};
    side->d = n;
    made_graph_set_names(side, names);
    rf_texts_clear(&side->dropped);
    side->dropped = side->feature_names;
    side->feature_names = kept;
    side->d = d;
    rf_mem_free(side->dropped_value);
    side->dropped_value = rf_mem_new((size_t)n, sizeof *values, &err);
    memcpy(side->dropped_value, values, (size_t)n * sizeof *values);
}

/* The columns of a model that was trained on the graph; borrowed from it. */
static rf_model_columns columns_of(const rf_graph *graph)
{
    rf_model_columns columns = {0};
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        const rf_graph_side *side = &graph->side[s];
        columns.side[s] = (rf_side_columns){side->feature_names, side->mean, side->scale, side->transform};
    }
    return columns;
}

static rf_status align(rf_aligned *out, const rf_graph *trained, const rf_graph *graph, rf_err *err)
{
    rf_graphbean_shape shape = {.kinds = trained->kinds};
    const rf_model_columns columns = columns_of(trained);
    for (rf_side s = 0; s < rf_sides(&trained->kinds); s++)
        shape.in[s] = trained->side[s].d;
    return rf_columns_align(out, &columns, &shape, graph, true, NULL, err);
}

/* Column j of the entities, as the model sees it, has these tamed values. */
static void sees(const rf_aligned *seen, int j, const double *tamed)
{
    const rf_graph_side *side = &seen->graph.side[RF_ENTITY];
    for (int i = 0; i < N; i++) {
        double value = (double)side->x[i * side->d + j] * (double)side->scale[j] + (double)side->mean[j];
        ck_assert_msg(fabs(value - tamed[i]) < 1e-5, "column %d of row %d: %g, not %g", j, i, value,
                      tamed[i]);
    }
}

static void counts(const rf_aligned *seen, rf_column_fit fit)
{
    ck_assert_int_eq(seen->fit.unknown, fit.unknown);
    ck_assert_int_eq(seen->fit.others, fit.others);
    ck_assert_int_eq(seen->fit.constant, fit.constant);
    ck_assert_int_eq(seen->fit.absent, fit.absent);
}

/* Shares of countries: of each row they add up to 1. */
static const double de[N] = {0.5, 0, 0, 1, 0.2, 0.1, 0, 0, 0.3, 0},
                    fr[N] = {0, 1, 0, 0, 0.2, 0.1, 0.5, 0, 0.3, 0},
                    it[N] = {0.25, 0, 0.5, 0, 0.2, 0.4, 0, 0, 0.3, 0},
                    es[N] = {0.25, 0, 0.25, 0, 0.2, 0.4, 0.5, 0, 0.1, 0},
                    rest[N] = {0, 0, 0.25, 0, 0.2, 0, 0, 1, 0, 1}, zero[N] = {0},
                    eur[N] = {3, 1, 4, 1, 5, 9, 2};

static void by_columns(double out[][N], int d, const double *const *columns)
{
    for (int j = 0; j < d; j++)
        memcpy(out[j], columns[j], sizeof out[j]);
}

static void plus(double out[N], const double *a, const double *b)
{
    for (int i = 0; i < N; i++)
        out[i] = a[i] + b[i];
}

/* ---- the facts ---- */

static const char *const trained_on[5] = {"eur", "land=DE", "land=FR", "land=IT", "land=other"};

static rf_graph *first_night(void)
{
    double tamed[5][N], others[N];
    plus(others, es, rest);
    by_columns(tamed, 5, (const double *const[5]){eur, de, fr, it, others});
    return night(5, trained_on, tamed);
}

START_TEST(values_that_swap_go_by_name_and_new_ones_are_among_the_others)
{
    static const char *const names[5] = {"land=FR", "land=ES", "land=DE", "land=other", "eur"};
    rf_err err = {0};
    rf_aligned seen;
    double tamed[5][N], others[N], sum[N];
    plus(others, it, rest);
    by_columns(tamed, 5, (const double *const[5]){fr, es, de, others, eur});
    rf_graph *trained = first_night(), *tonight = night(5, names, tamed);
    RF_CHECK_OK(err, align(&seen, trained, tonight, &err));
    plus(sum, others, es); /* Italy, too, which has no column tonight */
    sees(&seen, 0, eur);
    sees(&seen, 1, de);
    sees(&seen, 2, fr);
    sees(&seen, 3, zero);
    sees(&seen, 4, sum);
    counts(&seen, (rf_column_fit){.others = 1, .absent = 1});
    static const int32_t from[5] = {4, 2, 0, -1, -1};
    ck_assert_mem_eq(seen.column[RF_ENTITY], from, sizeof from);
    rf_aligned_clear(&seen);
    rf_graph_free(tonight);
    rf_graph_free(trained);
}
END_TEST

START_TEST(a_value_that_everybody_has_is_one_of_the_others)
{
    static const char *const names[1] = {"eur"}, *const dropped[2] = {"land=US", "land=other"};
    rf_err err = {0};
    rf_aligned seen;
    double tamed[1][N], ones[N];
    for (int i = 0; i < N; i++)
        ones[i] = 1;
    by_columns(tamed, 1, (const double *const[1]){eur});
    rf_graph *trained = first_night(), *tonight = night(1, names, tamed);
    drop(&tonight->side[RF_ENTITY], 2, dropped, (const float[2]){1, 0});
    RF_CHECK_OK(err, align(&seen, trained, tonight, &err));
    sees(&seen, 0, eur);
    for (int j = 1; j < 4; j++)
        sees(&seen, j, zero);
    sees(&seen, 4, ones);
    counts(&seen, (rf_column_fit){.others = 1, .constant = 1, .absent = 3});
    rf_aligned_clear(&seen);
    rf_graph_free(tonight);
    rf_graph_free(trained);
}
END_TEST

START_TEST(without_others_in_training_new_values_are_left_out)
{
    static const char *const few[2] = {"land=DE", "land=FR"}, *const names[3] = {"land=IT", "land=FR",
                                                                                 "land=other"};
    rf_err err = {0};
    rf_aligned seen;
    double tamed[3][N];
    by_columns(tamed, 2, (const double *const[2]){de, fr});
    rf_graph *trained = night(2, few, tamed);
    by_columns(tamed, 3, (const double *const[3]){it, fr, rest});
    rf_graph *tonight = night(3, names, tamed);
    RF_CHECK_OK(err, align(&seen, trained, tonight, &err));
    sees(&seen, 0, zero);
    sees(&seen, 1, fr);
    counts(&seen, (rf_column_fit){.unknown = 2, .absent = 1});
    rf_aligned_clear(&seen);
    rf_graph_free(tonight);
    rf_graph_free(trained);
}
END_TEST

START_TEST(equals_signs_in_names_and_values_belong_to_the_longest_category)
{
    static const char *const before[3] = {"a=x=1", "a=other", "a=x=other"}, *const names[4] = {"a=x=2", "a=y",
                                                                                               "a=other",
                                                                                               "a=x=other"};
    rf_err err = {0};
    rf_aligned seen;
    double tamed[4][N], sum[N];
    by_columns(tamed, 3, (const double *const[3]){de, fr, it});
    rf_graph *trained = night(3, before, tamed);
    by_columns(tamed, 4, (const double *const[4]){es, de, fr, rest});
    rf_graph *tonight = night(4, names, tamed);
    RF_CHECK_OK(err, align(&seen, trained, tonight, &err));
    sees(&seen, 0, zero);
    plus(sum, de, fr);
    sees(&seen, 1, sum);
    plus(sum, es, rest);
    sees(&seen, 2, sum);
    counts(&seen, (rf_column_fit){.others = 2, .absent = 1});
    rf_aligned_clear(&seen);
    rf_graph_free(tonight);
    rf_graph_free(trained);
}
END_TEST

START_TEST(an_attribute_that_the_graph_was_not_built_with_is_refused)
{
    static const char *const names[2] = {"eur", "lands=other"};
    rf_err err = {0};
    rf_aligned seen;
    double tamed[2][N];
    by_columns(tamed, 2, (const double *const[2]){eur, rest});
    rf_graph *trained = first_night(), *tonight = night(2, names, tamed);
    RF_CHECK_FAILS(err, RF_E_FORMAT,
                   "the entity column land=DE, which the model was trained on, is not in the graph",
                   align(&seen, trained, tonight, &err));
    trained->side[RF_ENTITY].scale[4] = 0;
    rf_graph *other = first_night();
    static const char *const renamed[5] = {"eur", "land=DE", "land=FR", "land=ES", "land=other"};
    made_graph_set_names(&other->side[RF_ENTITY], renamed);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "land=other has the scale 0", align(&seen, trained, other, &err));
    rf_graph_free(other);
    rf_graph_free(tonight);
    rf_graph_free(trained);
}
END_TEST

/* A dropped value is no news where the model was trained on this very graph. */
START_TEST(the_graph_of_training_is_as_it_is)
{
    static const char *const dropped[1] = {"land=US"};
    rf_err err = {0};
    rf_aligned seen;
    rf_graph *trained = first_night();
    drop(&trained->side[RF_ENTITY], 1, dropped, (const float[1]){0.5F});
    RF_CHECK_OK(err, align(&seen, trained, trained, &err));
    ck_assert_ptr_null(seen.x[RF_ENTITY]);
    counts(&seen, (rf_column_fit){0});
    rf_aligned_clear(&seen);
    rf_graph_free(trained);
}
END_TEST

/* Tonight nobody has a device: its columns are all constant, and the other way round. */
START_TEST(a_kind_that_nobody_has_needs_no_columns)
{
    static const char *const dropped[2] = {"v_0", "v_1"};
    static const made_shape shapes[2] = {{12, 8, 40, 2, 2, 2, 3}, {12, 8, 40, 2, 2, 2, 4}};
    rf_err err = {0};
    rf_aligned seen;
    rf_graph *with = made_graph_of_kinds(shapes, 2), *without = made_graph_of_kinds(shapes, 2);
    const rf_side device = rf_entity_side(1);
    made_graph_set_names(&with->side[device], dropped);
    drop(&without->side[device], 2, dropped, (const float[2]){2, (float)NAN});
    without->side[device].d = 0;
    rf_texts_clear(&without->side[device].feature_names);
    RF_CHECK_OK(err, align(&seen, with, without, &err));
    ck_assert_int_eq(seen.graph.side[device].d, 2);
    ck_assert_float_eq((float)seen.graph.side[device].x[0], 2);
    ck_assert(seen.graph.side[device].x[1] == 0 && signbit(seen.graph.side[device].x[1]));
    counts(&seen, (rf_column_fit){.constant = 2});
    rf_aligned_clear(&seen);
    RF_CHECK_OK(err, align(&seen, without, with, &err));
    ck_assert_int_eq(seen.graph.side[device].d, 0);
    counts(&seen, (rf_column_fit){.unknown = 2});
    ck_assert_int_eq(seen.fit.unnamed, 0);
    rf_aligned_clear(&seen);
    rf_graph_free(with);
    rf_graph_free(without);
}
END_TEST

START_TEST(refused_memory_leaks_nothing)
{
    static const char *const names[5] = {"land=FR", "land=ES", "land=DE", "land=other", "eur"};
    rf_aligned seen = {0};
    double tamed[5][N];
    by_columns(tamed, 5, (const double *const[5]){fr, es, de, it, eur});
    rf_graph *trained = first_night(), *tonight = night(5, names, tamed);
    RF_SWEEP(align(&seen, trained, tonight, sweep_err), rf_aligned_clear(&seen));
    rf_graph_free(tonight);
    rf_graph_free(trained);
}
END_TEST

RF_SUITE("column_plan", values_that_swap_go_by_name_and_new_ones_are_among_the_others,
         a_value_that_everybody_has_is_one_of_the_others, without_others_in_training_new_values_are_left_out,
         equals_signs_in_names_and_values_belong_to_the_longest_category,
         an_attribute_that_the_graph_was_not_built_with_is_refused, the_graph_of_training_is_as_it_is,
         a_kind_that_nobody_has_needs_no_columns, refused_memory_leaks_nothing)
