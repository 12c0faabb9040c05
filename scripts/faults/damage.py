"""Verbs read files of ours of which a disk, memory or a copy changed something, with their hashes and without: they refuse in
one line, or what they make is what they make of the whole files."""

import collections
import concurrent.futures
import hashlib
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

from job import JOBS, PROGRAM, Job, print_table

TRIES = int(os.environ.get("TRIES", "10000"))
LONGEST_S = 60
SECTOR = 512
FOOT = 24  # of a seal: its mark, the length of the content, a hash
FILES = ["graph.h5", "model.h5", "scores.h5", "clusters.h5", "alerts.h5"]
EMIT = ["emit", "--path", "out/actions.jsonl", "--set", "emit.alerts=alerts.h5", "--set", "emit.threshold={top: 20}"]
VERBS = {
    "graph.h5": [["inspect", "graph.h5"], EMIT, ["export", "--select", "cluster=worst", "--format", "html", "--output", "out/page.html"],
                 ["score", "--output", "out/scores.h5"], ["evaluate"], ["build"]],
    "model.h5": [["inspect", "model.h5"], ["score", "--output", "out/scores.h5"]],
    "scores.h5": [["inspect", "scores.h5"], EMIT, ["export", "--select", "top-users=20", "--format", "graphml", "--output", "out/x.graphml"],
                  ["tag"], ["cluster"], ["evaluate"]],
    "clusters.h5": [["inspect", "clusters.h5"], ["cluster"]],
    "alerts.h5": [["inspect", "alerts.h5"], EMIT],
}


def flip_bits(content, choose):
    for _ in range(choose.choice([1, 1, 2, 8])):
        content[choose.randrange(len(content))] ^= 1 << choose.randrange(8)


def change_bytes(content, choose):
    at = choose.randrange(len(content))
    for k in range(at, min(len(content), at + choose.choice([1, 4, 8, 40]))):
        content[k] = choose.choice([0, 0xFF, 0x7F, 0x80, choose.randrange(256)])


def lose_sector(content, choose):
    at = choose.randrange(len(content)) // SECTOR * SECTOR
    content[at:at + SECTOR] = bytes(len(content[at:at + SECTOR]))


def misplace_sector(content, choose):
    to, source = (choose.randrange(max(1, len(content) // SECTOR)) * SECTOR for _ in range(2))
    content[to:to + SECTOR] = content[source:source + SECTOR][:len(content[to:to + SECTOR])].ljust(len(content[to:to + SECTOR]), b"\0")


def cut(content, choose):
    del content[choose.randrange(len(content)):]


DAMAGES = [flip_bits, change_bytes, lose_sector, misplace_sector, cut]


def without_seal(content):
    mark, length = content[-FOOT:-FOOT + 8], content[-FOOT + 8:-FOOT + 16]
    return content[:struct.unpack("<Q", length)[0]] if mark == b"RFSEAL\r\n" else content


def make(folder, words):
    """Runs a verb; all that it says and leaves, except what names the moment."""
    (folder / "out").mkdir()
    ended = subprocess.run([PROGRAM, *words, "--config", "../job.yaml", "--set", "output=.", "--set", "source.paths=[../events.jsonl]",
                            "--threads", "1", "--quiet"], cwd=folder, capture_output=True, text=True, errors="replace", timeout=LONGEST_S)
    left = sorted(path for path in [*folder.glob("*.h5"), *folder.glob("out/*")] if path.name != "audit.jsonl")
    return ended, (ended.stdout, *((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in left))


def settle(job, changed=None, content=None):
    folder = pathlib.Path(tempfile.mkdtemp(dir=job.folder))
    for name in FILES:
        if name == changed:
            (folder / name).write_bytes(content)
        else:
            os.link(job.folder / "whole" / name, folder / name)  # verbs replace files, they never change them
    return folder


def whole_outcome(job, words, changed, content):
    """What the verb makes of the whole files; the changed one, where the verb leaves it alone, is looked at as it was."""
    folder = settle(job, changed, content)
    try:
        ended, made = make(folder, words)
    finally:
        shutil.rmtree(folder)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(words)} of whole files: status {ended.returncode}: {ended.stderr}")
    return made


def one_try(job, expected, number):
    choose = random.Random(number)
    name = FILES[number % len(FILES)]
    words = choose.choice(VERBS[name])
    sealed = choose.random() < 0.7
    whole = (job.folder / "whole" / name).read_bytes()
    before = whole if sealed else without_seal(whole)
    content = bytearray(before)
    damage = choose.choice(DAMAGES)
    damage(content, choose)
    if content == before:
        return name, "unchanged", ""
    folder = settle(job, name, content)
    try:
        ended, made = make(folder, words)
    except subprocess.TimeoutExpired:
        return name, "hung", f"{damage.__name__} {words}"
    finally:
        shutil.rmtree(folder)
    text = f"try {number}, {damage.__name__}, {'sealed' if sealed else 'no seal'}, {' '.join(words[:2])}: status {ended.returncode}: {ended.stderr[-300:]}"
    if ended.returncode < 0 or ended.returncode > 128:
        return name, "crashed", text
    if ended.returncode != 0:
        return name, "refused" if len([line for line in ended.stderr.splitlines() if line.startswith("ringfence: ")]) == 1 else "unclear", text
    left = (name, hashlib.sha256(content).hexdigest())  # a verb that only reads the file leaves the damage where it is
    wanted = tuple(left if part != part_now and part_now == left else part for part, part_now in zip(expected[name, tuple(words)], made))
    if made == wanted:
        return name, "as whole", text
    return name, "wrong" if sealed else "computed on", text


def main():
    job = Job(events=800)
    shutil.copytree(job.folder / "reference", job.folder / "whole")
    folder = settle(job) if (job.folder / "whole" / "alerts.h5").exists() else None
    if folder is None:
        sys.exit("the undisturbed run left no alerts.h5")
    shutil.rmtree(folder)
    expected = {(name, tuple(words)): whole_outcome(job, words, name, (job.folder / "whole" / name).read_bytes())
                for name in FILES for words in VERBS[name]}
    counts = {name: collections.Counter() for name in FILES}
    columns = ["refused", "as whole", "unchanged", "computed on", "wrong", "unclear", "crashed", "hung"]
    bad = columns[4:]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for name, outcome, text in pool.map(lambda number: one_try(job, expected, number), range(TRIES)):
            counts[name][outcome] += 1
            if outcome in bad:
                print(f"{name}: {outcome}: {text}", file=sys.stderr)
    # "computed on": without a seal nothing says that a number is not what was written
    print_table(["damaged", *columns], [[name, *(count[c] for c in columns)] for name, count in counts.items()])
    job.clear()
    return any(count[c] for count in counts.values() for c in bad)


if __name__ == "__main__":
    sys.exit(main())
