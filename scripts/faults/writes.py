"""Every call of `run` that writes fails once: with ENOSPC, and with EIO."""

import os
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

from job import JOBS, Job, count_calls, healthy_audit, judge, places, print_table

CALLS = ["pwrite64", "write", "fsync", "fdatasync", "rename", "ftruncate", "close"]
ERRORS = os.environ.get("ERRORS", "ENOSPC EIO").split()


def disturb(job, call, error, number):
    """The number-th call fails; afterwards the job is run again in the same folder. Returns the outcome, and whether it recovered."""
    output = f"{call}-{error}-{number}"
    trace = job.folder / f"{output}.trace"
    strace = ["strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={number}"]
    outcome = judge(job, output, job.run(output), before=strace)
    hit = next((line for line in trace.read_text(errors="replace").splitlines() if "INJECTED" in line), "")
    if re.search(rf"{call}\([12],", hit):
        outcome.told = True  # the line itself is what failed
    again = judge(job, output, job.run(output))
    models = {"graph.h5", "model.h5", "scores.h5", "clusters.h5"}
    recovered = again.finished and not models & set(again.wrong) and healthy_audit(job.folder / output)
    shutil.rmtree(job.folder / output, ignore_errors=True)
    trace.unlink()
    return outcome, recovered


def main():
    if shutil.which("strace") is None:
        sys.exit("writes: strace is missing")
    job, rows, bad = Job(), [], 0
    counted = count_calls(job.run("counted"), CALLS, job.folder)
    for call, total in counted.items():
        for error in ERRORS:
            numbers = places(total)
            with ThreadPoolExecutor(JOBS) as pool:
                results = list(pool.map(lambda number: disturb(job, call, error, number), numbers))
            outcomes = [outcome for outcome, _ in results]
            faults = [sum(bool(outcome.wrong) for outcome in outcomes), sum(o.crashed for o in outcomes), sum(o.hung for o in outcomes),
                      sum(o.lied or not (o.told or o.finished or o.crashed or o.hung) for o in outcomes), sum(not recovered for _, recovered in results)]
            for number, (outcome, recovered) in zip(numbers, results):
                if outcome.wrong or outcome.lied or not recovered or not (outcome.told or outcome.finished):
                    print(f"{call} {number} with {error}: {outcome} recovered={recovered}", file=sys.stderr)
            rows.append([f"{call}, {error}", len(numbers), sum(o.finished for o in outcomes), *faults])
            bad += sum(faults)
    print_table(["fails once", "times", "job finished", "wrong files", "crashed", "hung", "lied", "not recovered"], rows)
    job.clear()
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
