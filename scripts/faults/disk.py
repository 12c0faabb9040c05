"""`run` on file systems that are too small for it, up to one that is large enough; then with room."""

import os
import subprocess
import sys

from job import Job, judge, print_table

SIZES = int(os.environ.get("SIZES", "30"))
PAGE = 4096


def mount(folder, size, again=False):
    options = f"{'remount,' if again else ''}size={size}"
    return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True).returncode == 0


def main():
    job = Job()
    needed = 6 * sum(file.stat().st_size for file in (job.folder / "reference").iterdir()) // 5
    rows, bad = [], 0
    for k in range(1, SIZES + 1):
        size = needed * k // SIZES // PAGE * PAGE
        output = f"disk-{k}"
        folder = job.folder / output
        folder.mkdir()
        if not mount(folder, size):
            job.clear()
            print("disk: a file system cannot be mounted here (not root?): not tried", file=sys.stderr)
            return 77
        try:
            outcome = judge(job, output, job.run(output))
            mount(folder, 4 * needed, again=True)
            again = judge(job, output, job.run(output))
        finally:
            subprocess.run(["umount", str(folder)], check=False)
        recovered = again.finished and not {"graph.h5", "model.h5", "scores.h5", "clusters.h5"} & set(again.wrong)
        fault = bool(outcome.wrong or outcome.crashed or outcome.hung or outcome.lied or not recovered
                     or not (outcome.finished or outcome.told))
        bad += fault
        ended = "finished" if outcome.finished else "told" if outcome.told else "crashed" if outcome.crashed else "silent"
        rows.append([f"{size // 1024} KiB", ended, len(outcome.wrong), "yes" if recovered else "no"])
    print_table(["disk", "job", "wrong files", "recovered with room"], rows)
    job.clear()
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
