"""A verb reads while another job replaces its files by those of other people's events: all it prints is of one of the two."""

import collections
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
import zlib

from job import LONGEST_S, PROGRAM, Job, print_table

ROUNDS = int(os.environ.get("ROUNDS", "100"))
FILES = ["graph.h5", "model.h5", "scores.h5", "clusters.h5"]
PEOPLE = ["ours", "theirs"]
VERBS = {
    "emit": ["emit", "--path", "out/actions.jsonl", "--set", "emit.alerts=out/alerts.h5"],
    "export graphml": ["export", "--select", "top-users=20", "--format", "graphml", "--output", "out/some.graphml"],
    "export html": ["export", "--select", "cluster=worst", "--format", "html", "--output", "out/some.html"],
    "inspect": ["inspect", "live/graph.h5"],
    "evaluate": ["evaluate"],
    "score": ["score", "--output", "out/scores.h5"],
    "tag": ["tag"],
    "cluster": ["cluster", "--registry", "out/registry.h5"],
}
REFUSE = {"tag", "cluster"}  # they change a file, and do so no more once another job has replaced it
MOST_TRIES = 50  # of a verb that finds files of both each time


def run_for(job, people):
    """The same meetings of these people, who have ids and amounts of their own."""
    def own_amount(found):
        return f'"amount": {float(found[1]) * (1 + zlib.crc32((people + found[1]).encode()) % 7):.2f}'

    text = re.sub(r'"([um]\d+)"', rf'"{people}-\1"', (job.folder / "events.jsonl").read_text())
    (job.folder / f"{people}.jsonl").write_text(re.sub(r'"amount": ?([0-9.]+)', own_amount, text))
    subprocess.run([PROGRAM, *job.run(people), "--set", f"source.paths=[{people}.jsonl]"], cwd=job.folder, check=True,
                   stdout=subprocess.DEVNULL)


def replace_all(job, stop, seed):
    """Renames the files of one, then of the other, over the live ones, for as long as the verb reads."""
    choose = random.Random(seed)
    for turn in range(1000000):
        for file in FILES:
            if stop.is_set():
                return
            source = job.folder / PEOPLE[(turn + 1) % 2] / file
            shutil.copy(source, job.folder / "live" / (file + ".next"))
            os.rename(job.folder / "live" / (file + ".next"), job.folder / "live" / file)
            time.sleep(choose.random() * 0.002)


def settle(job, people, model=None):
    """The live files become those of these people; the model may be the others'."""
    for folder in ["live", "out"]:
        shutil.rmtree(job.folder / folder, ignore_errors=True)
        (job.folder / folder).mkdir()
    for file in FILES:
        source = model if model is not None and file == "model.h5" else people
        shutil.copy(job.folder / source / file, job.folder / "live" / file)


def work(job, name):
    words = [PROGRAM, *VERBS[name], "--config", "job.yaml", "--set", "output=live", "--threads", "1", "--quiet"]
    return subprocess.run(words, cwd=job.folder, capture_output=True, text=True, errors="replace", timeout=LONGEST_S)


def printed(job, ended):
    """All that a verb says: on standard output, and in the files that it wrote."""
    sums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted((job.folder / "out").iterdir())}
    return ended.stdout, tuple(sums.items())


def one_round(job, name, expected, seed):
    settle(job, PEOPLE[0])
    stop = threading.Event()
    neighbour = threading.Thread(target=replace_all, args=(job, stop, seed))
    neighbour.start()
    try:
        ended = work(job, name)
    except subprocess.TimeoutExpired:
        return "hung", ""
    finally:
        stop.set()
        neighbour.join()
    if ended.returncode < 0 or ended.returncode > 128:
        return "crashed", ended.stderr
    if ended.returncode != 0:
        lines = [line for line in ended.stderr.splitlines() if line.startswith("ringfence: ")]
        return ("refused" if len(lines) == 1 else "lied"), ended.stderr
    return ("whole" if printed(job, ended) in expected else "mixed"), ended.stdout


def undisturbed(job, name):
    """What the verb may print: of either people. One people's model may score another's graph."""
    may_print = []
    for people in PEOPLE:
        for model in PEOPLE:
            settle(job, people, model)
            ended = work(job, name)
            if ended.returncode == 0:
                may_print.append(printed(job, ended))
            elif people == model or name == "score":
                sys.exit(f"{name}: the undisturbed run ended with status {ended.returncode}: {ended.stderr}")
    return may_print


def main():
    job = Job()
    for people in PEOPLE:
        run_for(job, people)
    expected = {name: undisturbed(job, name) for name in VERBS}
    counts = {name: collections.Counter() for name in VERBS}

    def count_round(name, number):
        outcome, text = one_round(job, name, expected[name], number)
        counts[name][outcome] += 1
        if outcome not in ("whole", "refused"):
            print(f"{name}, round {number}: {outcome}: {text[-400:]}", file=sys.stderr)

    for number in range(ROUNDS):
        count_round(list(VERBS)[number % len(VERBS)], number)
    never = []
    for name in [name for name in VERBS if name not in REFUSE]:
        for number in range(ROUNDS, ROUNDS + MOST_TRIES):
            if counts[name]["whole"] > 0:
                break
            count_round(name, number)
        else:
            never.append(name)
    columns = ["whole", "refused", "mixed", "lied", "crashed", "hung"]
    print_table(["while files are replaced", *columns], [[name, *(count[c] for c in columns)] for name, count in counts.items()])
    for name in never:
        print(f"{name}: was refused each time", file=sys.stderr)
    job.clear()
    return bool(never) or any(count[c] for count in counts.values() for c in columns[2:])


if __name__ == "__main__":
    sys.exit(main())
