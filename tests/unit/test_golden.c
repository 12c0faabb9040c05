/* test_golden.c - the reference's numbers: outputs, losses, gradients, Adam steps, of four small graphs.
 *
 * The tolerance of the float build is the distance of the reference in float32 from itself in float64; that
 * of the double build is 1e-9.
 */
#include "golden.h"
#include "rf_adam.h"

#if RF_REAL_IS_DOUBLE
#define TOL_OUTPUT 1e-9
#define TOL_LOSS 1e-9
#define TOL_GRADIENT 1e-9
#define TOL_NO_GRADIENT 1e-9
#define TOL_ADAM 1e-9
#define TOL_EVAL 2e-5 /* out_eval exists in float32 only */
#else
#define TOL_OUTPUT 2e-5
#define TOL_LOSS 2e-6
#define TOL_GRADIENT 1e-4 /* of the tensor's largest entry */
#define TOL_NO_GRADIENT 2e-6
#define TOL_ADAM 1e-4
#define TOL_EVAL 2e-5
#endif

static void close_to(const char *what, int number, const rf_real *got, const rf_real *want, int64_t n,
                     double tolerance)
{
    double worst = 0;
    for (int64_t i = 0; i < n; i++) {
        double off = fabs((double)got[i] - (double)want[i]);
        worst = off > worst || isnan(off) ? off : worst;
    }
    if (getenv("RF_VERBOSE") != NULL)
        fprintf(stderr, "G%d %-44s %.3g of %.3g\n", number, what, worst, tolerance);
    ck_assert_msg(worst <= tolerance, "G%d %s is off by %g (allowed %g)", number, what, worst, tolerance);
}

static double largest(const rf_real *x, int64_t n)
{
    double most = 0;
    for (int64_t i = 0; i < n; i++)
        most = fabs((double)x[i]) > most ? fabs((double)x[i]) : most;
    return most;
}

static void check_outputs(golden *g, int number, const char *group, bool frozen, double tolerance)
{
    static const char *const names[] = {"xu", "xv", "xe", "zu", "zv"};
    rf_err err = {0};
    rf_workspace *ws = NULL;
    rf_real *out[5];
    int64_t n[5], n_prob = 0;
    rf_real *want[5];
    for (int i = 0; i < 5; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", group, names[i]);
        want[i] = frozen ? golden_reals(g, path, &n[i]) : golden_expected(g, path, &n[i]);
        out[i] = malloc(sizeof(rf_real) * (size_t)n[i]);
    }
    RF_CHECK_OK(err, rf_workspace_new(&ws, g->model, &g->input, RF_USE_APPLY, NULL, &err));
    rf_graphbean_output output = {.x = {out[0], out[1], out[2]}, .z = {out[3], out[4]}};
    rf_graphbean_forward(ws, frozen, &output);
    for (int i = 0; i < 5; i++) {
        close_to(names[i], number, out[i], want[i], n[i], tolerance);
        free(want[i]);
    }
    rf_real *prob = malloc(sizeof *prob * (size_t)g->n_samples);
    rf_graphbean_pairs(prob, ws, 0, g->sample_u, g->sample_v, g->n_samples);
    char path[64];
    snprintf(path, sizeof path, "%s/eprob", group);
    rf_real *want_prob = frozen ? golden_reals(g, path, &n_prob) : golden_expected(g, path, &n_prob);
    close_to("eprob", number, prob, want_prob, n_prob, tolerance);
    free(prob);
    free(want_prob);
    for (int i = 0; i < 5; i++)
        free(out[i]);
    rf_workspace_free(ws);
}

START_TEST(outputs_with_batch_statistics)
{
    for (int number = 1; number <= 4; number++) {
        golden g;
        golden_open(&g, number);
        check_outputs(&g, number, "out", false, TOL_OUTPUT);
        golden_close(&g);
    }
}
END_TEST

START_TEST(outputs_with_running_statistics)
{
    for (int number = 1; number <= 4; number++) {
        golden g;
        golden_open(&g, number);
        check_outputs(&g, number, "/out_eval", true, TOL_EVAL);
        golden_close(&g);
    }
}
END_TEST

static void check_loss(golden *g, int number, const char *name, double got)
{
    char path[32];
    rf_real got_real = (rf_real)got;
    int64_t n;
    snprintf(path, sizeof path, "loss/%s", name);
    rf_real *want = golden_expected(g, path, &n);
    close_to(path, number, &got_real, want, 1, TOL_LOSS);
    free(want);
}

/* In front of a batch norm a bias has no gradient but rounding. */
static bool gradient_is_noise(const char *name)
{
    return strstr(name, "/lin_") != NULL && strstr(name, "/bias") != NULL;
}

static void check_gradients(golden *g, int number)
{
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(g->model, &n_tensors);
    for (int t = 0; t < n_tensors; t++) {
        char path[160];
        int64_t n;
        if (tensors[t].running)
            continue;
        snprintf(path, sizeof path, "grad/%s", tensors[t].name);
        rf_real *want = golden_expected(g, path, &n);
        double tolerance = gradient_is_noise(path) ? TOL_NO_GRADIENT : TOL_GRADIENT * largest(want, n);
        close_to(path, number, tensors[t].grad, want, n, tolerance);
        free(want);
    }
}

START_TEST(losses_and_gradients)
{
    for (int number = 1; number <= 4; number++) {
        golden g;
        rf_err err = {0};
        rf_workspace *ws = NULL;
        rf_losses losses;
        golden_open(&g, number);
        RF_CHECK_OK(err, rf_workspace_new(&ws, g.model, &g.input, RF_USE_TRAIN, NULL, &err));
        rf_graphbean_step(&losses, ws, &g.samples, &g.weights, 0, 0);
        check_loss(&g, number, "xu", losses.xu);
        check_loss(&g, number, "xv", losses.xv);
        check_loss(&g, number, "xe", losses.xe);
        check_loss(&g, number, "e", losses.e);
        check_loss(&g, number, "total", losses.total);
        check_gradients(&g, number);
        rf_workspace_free(ws);
        golden_close(&g);
    }
}
END_TEST

static void check_after_step(golden *g, int number, int step)
{
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(g->model, &n_tensors);
    for (int t = 0; t < n_tensors; t++) {
        char path[160];
        int64_t n;
        if (gradient_is_noise(tensors[t].name) || strstr(tensors[t].name, "running_mean") != NULL)
            continue;
        snprintf(path, sizeof path, "adam/step%d/%s", step, tensors[t].name);
        rf_real *want = golden_expected(g, path, &n);
        if (want != NULL)
            close_to(path, number, tensors[t].value, want, n, TOL_ADAM);
        free(want);
    }
}

START_TEST(three_adam_steps)
{
    for (int number = 1; number <= 4; number++) {
        golden g;
        rf_err err = {0};
        rf_workspace *ws = NULL;
        rf_adam adam;
        rf_losses losses;
        int64_t n;
        golden_open(&g, number);
        RF_CHECK_OK(err, rf_workspace_new(&ws, g.model, &g.input, RF_USE_TRAIN, NULL, &err));
        RF_CHECK_OK(err, rf_adam_init(&adam, g.model, &err));
        rf_real *want = golden_expected(&g, "adam/loss", &n);
        for (int step = 0; step <= 3; step++) {
            rf_graphbean_step(&losses, ws, &g.samples, &g.weights, 0, 0);
            rf_real loss = (rf_real)losses.total;
            close_to("adam/loss", number, &loss, want + step, 1, step == 0 ? TOL_LOSS : TOL_ADAM);
            if (step == 3)
                break;
            rf_adam_step(&adam, g.model, 0.01);
            check_after_step(&g, number, step + 1);
        }
        free(want);
        rf_adam_clear(&adam);
        rf_workspace_free(ws);
        golden_close(&g);
    }
}
END_TEST

RF_SUITE("golden", outputs_with_batch_statistics, outputs_with_running_statistics, losses_and_gradients,
         three_adam_steps)
