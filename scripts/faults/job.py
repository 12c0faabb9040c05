"""A small job whose outcome is known, and the judge of a job that was disturbed."""

import collections
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

PROGRAM = os.environ["RINGFENCE"]
JOBS = int(os.environ.get("JOBS", "2"))
STEP = int(os.environ.get("STEP", "1"))
LONGEST_S = 120
# What people and programs read. The audit has times, the rest is of use to the next run only.
PUBLISHED = ["graph.h5", "model.h5", "scores.h5", "clusters.h5", "evaluation.json", "actions.jsonl", "ring.svg"]


class Job:
    """Events, and what an undisturbed run makes of them."""

    def __init__(self, events=1500, seed=1):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="faults-"))
        ring("simulate", "--events", str(events), "--seed", str(seed), "--output", "events.jsonl", "--kinds", "one",
             "--write-config", "job.yaml", "--quiet", cwd=self.folder)
        ended = ring(*self.run("reference"), cwd=self.folder)
        if ended.returncode != 0:
            sys.exit(f"the undisturbed run ended with status {ended.returncode}: {ended.stderr}")
        self.reference = published(self.folder / "reference")
        # what may be there when a later step fails: scores without tags, and with tags but no clusters
        shutil.copytree(self.folder / "reference", self.folder / "earlier")
        self.earlier = {"scores.h5": set()}
        for verb in ["score", "tag"]:
            ring(*self.run("earlier", verb), cwd=self.folder)
            self.earlier["scores.h5"].add(published(self.folder / "earlier")["scores.h5"])

    def run(self, output, verb="run"):
        return [verb, "--config", "job.yaml", "--set", f"output={output}", "--set", "train.epochs=4", "--threads", "1", "--quiet"]

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Outcome:
    crashed: bool = False
    hung: bool = False
    lied: bool = False  # status 0 without the right files
    told: bool = False  # one line says why it failed
    wrong: tuple = ()  # published, and not what they should be
    finished: bool = False  # status 0


def ring(*words, cwd, before=()):
    return subprocess.run([*before, PROGRAM, *words], cwd=cwd, capture_output=True, text=True, errors="replace", timeout=LONGEST_S)


def published(folder):
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in PUBLISHED if (folder / name).exists()}


def judge(job, output, words, before=()):
    """Runs it, and compares what is published with the reference."""
    try:
        ended = ring(*words, cwd=job.folder, before=before)
    except subprocess.TimeoutExpired:
        return Outcome(hung=True)
    found = published(job.folder / output)
    finished = ended.returncode == 0
    wrong = tuple(name for name, content in found.items()
                  if content != job.reference[name] and (finished or content not in job.earlier.get(name, ())))
    lines = [line for line in ended.stderr.splitlines() if line.startswith("ringfence: ")]
    not_loaded = ended.returncode == 127  # the loader of programs failed, not the program
    return Outcome(crashed=ended.returncode < 0 or ended.returncode > 128, lied=finished and found.keys() != job.reference.keys(),
                   told=len(lines) == 1 or not_loaded, wrong=wrong, finished=finished)


def count_calls(words, calls, folder):
    """How often the program makes each of these calls, from an undisturbed run."""
    trace = folder / "trace"
    ended = subprocess.run(["strace", "-f", "-qq", "-e", f"trace={','.join(calls)}", "-o", str(trace), PROGRAM, *words], cwd=folder,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if ended.returncode != 0:
        sys.exit(f"the undisturbed run ended with status {ended.returncode}: {ended.stderr}")
    made = collections.Counter(re.findall(r"^\d+ +(\w+)\(", trace.read_text(errors="replace"), re.MULTILINE))
    return {call: made[call] for call in calls}


def places(total):
    """Every STEP-th of so many calls; the middle one if there are not that many."""
    return range(1, total + 1, STEP) if STEP < total else range(total // 2 + 1, total // 2 + 1 + min(total, 1))


def healthy_audit(folder):
    path = folder / "audit.jsonl"
    try:
        return all(json.loads(line) is not None for line in path.read_text().splitlines()) if path.exists() else True
    except ValueError:
        return False


def print_table(columns, rows):
    widths = [max(len(str(row[k])) for row in [columns, *rows]) for k in range(len(columns))]
    for row in [columns, *rows]:
        print("  ".join(str(cell).ljust(width) if k == 0 else str(cell).rjust(width) for k, (cell, width) in enumerate(zip(row, widths))))
