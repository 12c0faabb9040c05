/* test_measure.c - a graph that is measured has the rows and columns of the file that would be written. */
#include "made_shards.h"

#include "rf_measure.h"

static rf_bigraph *made_graph(const rf_bigraph_options *options)
{
    rf_bigraph *graph = split_graph(options);
    split_add(graph, -1, 0, SPLIT_EVENTS);
    return graph;
}

START_TEST(a_measured_graph_is_as_large_as_the_file)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    for (int i = 0; i < 4; i++) {
        const rf_granularity granularity = i & 1 ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR;
        rf_bigraph_options options = i & 2 ? made_options_of_kinds(granularity) : made_options(granularity);
        rf_graph_size measured = {0}, written = {0};
        rf_h5 *file = NULL;
        split_make(5, 3, ANYHOW);
        rf_bigraph *graph = made_graph(&options);
        RF_CHECK_OK(err, rf_bigraph_measure(&measured, graph, NULL, &err));
        rf_bigraph_free(graph);
        split_publish(made_graph(&options), rf_tmp_path(path, "written.h5"), NULL);
        RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
        RF_CHECK_OK(err, rf_graph_measure(&written, file, &err));
        rf_h5_close(&file);
        ck_assert(rf_kinds_equal(&measured.kinds, &written.kinds));
        for (rf_side s = 0; s < RF_SIDES_MOST; s++) {
            ck_assert_int_eq(measured.n[s], written.n[s]);
            ck_assert_int_eq(measured.d[s], written.d[s]);
        }
    }
}
END_TEST

START_TEST(an_empty_window_is_refused)
{
    rf_err err = {0};
    rf_graph_size size;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    rf_bigraph *graph = split_graph(&options);
    RF_CHECK_FAILS(err, RF_E_INVALID, "window", rf_bigraph_measure(&size, graph, NULL, &err));
    rf_bigraph_free(graph);
}
END_TEST

static rf_status measure_few(rf_graph_size *size, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *graph = NULL;
    rf_bigraph_options options = made_options_of_kinds(RF_GRANULARITY_PAIR);
    RF_TRY(rf_bigraph_new(&graph, &options, err));
    for (int i = 0; i < 12; i++) {
        rf_event event = made_rf_event(&made_split.items[i], false);
        RF_TRY(rf_bigraph_add_event(graph, &event, err));
    }
    RF_TRY(rf_bigraph_measure(size, graph, NULL, err));
done:
    rf_bigraph_free(graph);
    return st;
}

START_TEST(nothing_leaks_when_memory_ends)
{
    rf_graph_size size;
    split_make(5, 3, ANYHOW);
    RF_SWEEP(measure_few(&size, sweep_err), );
}
END_TEST

RF_SUITE("measure", a_measured_graph_is_as_large_as_the_file, an_empty_window_is_refused,
         nothing_leaks_when_memory_ends)
