/* worst.c - ringfence as a library: does a job, and prints the worst users with their tag and why.
 *
 *   cc worst.c $(pkg-config --cflags --libs ringfence) -o worst && ./worst orders.yaml
 */
#include <ringfence.h>
#include <stdio.h>

static ringfence_status run(ringfence_job *job, const char *settings, ringfence_results **out,
                            ringfence_error *error)
{
    ringfence_status st = ringfence_job_load(job, settings, error);
    if (st >= 0 && (st = ringfence_build(job, error)) >= 0 && (st = ringfence_train(job, error)) >= 0 &&
        (st = ringfence_score(job, error)) >= 0 && (st = ringfence_tag(job, error)) >= 0)
        st = ringfence_results_of(out, job, error);
    return st;
}

int main(int argc, char **argv)
{
    ringfence_error error = {0};
    ringfence_job *job = NULL;
    ringfence_results *results = NULL;
    int64_t rows[10];
    char why[256];
    double confidence = 0;
    if (argc != 2) {
        fprintf(stderr, "usage: worst SETTINGS.yaml\n");
        return 2;
    }
    ringfence_status st = ringfence_job_new(&job, &error);
    if (st >= 0 && (st = run(job, argv[1], &results, &error)) >= 0) {
        int64_t n = ringfence_worst(results, RINGFENCE_USERS, 10, rows);
        for (int64_t i = 0; i < n; i++) {
            int64_t tags = ringfence_tags(results, RINGFENCE_USERS, rows[i]);
            const char *tag =
                tags > 0 ? ringfence_tag_type(results, RINGFENCE_USERS, rows[i], 0, &confidence) : "-";
            ringfence_why(results, RINGFENCE_USERS, rows[i], why, sizeof why);
            printf("%-12s %7.3f  %-20s %s\n", ringfence_id(results, RINGFENCE_USERS, rows[i]),
                   ringfence_anomaly_score(results, RINGFENCE_USERS, rows[i]), tag, why);
        }
    } else {
        fprintf(stderr, "worst: %s\n", error.message);
    }
    ringfence_results_close(results);
    ringfence_job_free(job);
    return st < 0;
}
