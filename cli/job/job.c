/* job.c - what the steps of a job share: threads, the folder of results, interrupts. */
#include "rf_job.h"

#include <string.h>

#include "rf_file.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_stop.h"

rf_status rf_job_pool(rf_job *job, rf_pool **out, rf_err *err)
{
    rf_status st = RF_OK;
    int threads = job->settings->threads > 0 ? job->settings->threads : rf_cpu_count();
    if (job->pool == NULL) {
        RF_TRY(rf_pool_new(&job->pool, threads, err));
        if (rf_pool_threads(job->pool) < threads)
            rf_log(RF_LOG_WARN,
                   "only %d of %d threads could be started, so it takes longer; the limit on processes "
                   "(ulimit -u) or on address space (ulimit -v) allows no more",
                   rf_pool_threads(job->pool), threads);
    }
    *out = job->pool;
done:
    return st;
}

rf_status rf_job_make_output(rf_job *job, rf_err *err)
{
    const char *folder = job->settings->output;
    if (strcmp(folder, ".") == 0)
        return RF_OK;
    return rf_path_make_folders(folder, err);
}

rf_status rf_job_check_signal(const char *what, rf_err *err)
{
    rf_status st = RF_OK;
    if (rf_stop_asked())
        RF_FAIL(err, RF_E_INTERRUPTED, "interrupted; %s", what);
done:
    return st;
}

rf_status rf_job_graph_file(rf_job *job, rf_h5 **out, rf_err *err)
{
    rf_status st = RF_OK;
    if (job->graph_file == NULL)
        RF_TRY(rf_h5_open(&job->graph_file, job->settings->files.graph, err));
    *out = job->graph_file;
done:
    return st;
}

rf_status rf_job_graph(rf_job *job, rf_graph **out, unsigned parts, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file;
    RF_TRY(rf_job_graph_file(job, &file, err));
    rf_h5_use_threads(file, job->pool); /* if there is one by now */
    RF_TRY(rf_graph_read(out, file, parts, err));
done:
    return st;
}

void rf_job_forget_graph(rf_job *job)
{
    rf_h5_close(&job->graph_file);
}

void rf_job_clear(rf_job *job)
{
    rf_job_forget_graph(job);
    rf_job_unlock(job);
    rf_audit_close(job->audit);
    rf_pool_free(job->pool);
    rf_summary_clear(&job->summary);
    rf_settings_free(job->settings);
    *job = (rf_job){0};
}
