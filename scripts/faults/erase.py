"""`erase` is killed at every call that changes the disk, and each such call fails once with EIO. The next `erase` finishes: no byte of
the folder names the user any more, and one certificate says what all attempts removed."""

import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from job import JOBS, PROGRAM, count_calls, places

CALLS = ["rename", "unlink", "fsync", "pwrite64", "write"]
FAULTS = ["signal=KILL", "error=EIO"]
USER = "victim-7f3a9"
EVENTS = 500
THEIRS = sum(i % 17 == 3 and i % 97 != 50 for i in range(EVENTS))  # without those that are rejected


def ringfence(folder, *arguments, before=()):
    return subprocess.run([*before, PROGRAM, *arguments, "--quiet"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)


def make(folder):
    """A finished run of a few orders, some of the user's, and an interrupted build beside it."""
    events = [{"t": "yesterday" if i % 97 == 50 else f"2026-01-{1 + i % 28:02}T{i % 24:02}:00:00Z",
               "user": USER if i % 17 == 3 else f"u{i * 7 % 40}", "shop": f"m{i * 3 % 10}", "amount": i % 90} for i in range(EVENTS)]
    out = folder / "out"
    out.mkdir()
    (out / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    (folder / "job.yaml").write_text("""
source: {paths: [out/events.jsonl]}
fields: {user: user, entity: shop, time: {field: t}, attributes: {amount: {type: number}}}
graph: {as_of: "2026-02-01T00:00:00Z", window: 60d}
ingest: {max_rejects: 0.5, dead_letters: rejects.jsonl}
train: {epochs: 3, hidden: 8, latent: 8}
emit: {threshold: {top: 40}, budget: 0}
output: out
""")
    assert ringfence(folder, "run", "--config", "job.yaml").returncode == 0


def count(folder):
    shutil.copytree(folder / "out", folder / "whole")
    counted = count_calls(["erase", "--config", "job.yaml", "--user", USER, "--quiet"], CALLS, folder)
    shutil.rmtree(folder / "out")
    (folder / "whole").rename(folder / "out")
    return counted


def named(out):
    return [path.name for path in out.rglob("*") if path.is_file() and USER.encode() in path.read_bytes()]


def disturb(source, call, fault, number):
    """What is wrong after the disturbed erasure and the next one; nothing, if all is well."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(source / "out", folder / "out")
        shutil.copy(source / "job.yaml", folder)
        first = ringfence(folder, "erase", "--config", "job.yaml", "--user", USER,
                          before=["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={number}"])
        pending = (folder / "out/erase.pending").exists()
        who = [] if pending else ["--user", USER]
        again = ringfence(folder, "erase", "--config", "job.yaml", *who)
        wrong = [f"{name} names the user" for name in named(folder / "out")]
        if first.returncode < 0 and "KILL" not in fault:
            wrong.append(f"the first one ended by signal {-first.returncode}")
        if again.returncode != 0:
            wrong.append(f"the next one ended with {again.returncode}: {again.stderr.decode(errors='replace').strip()}")
        certificates = [json.loads(path.read_text()) for path in (folder / "out").glob("erased-*.json")]
        events = max((file["removed"].get("events", 0) for c in certificates for file in c["files"]), default=0)
        if events != THEIRS:
            wrong.append(f"the certificates have {events} events")
        return wrong


def main():
    if shutil.which("strace") is None:
        sys.exit("erase: strace is missing")
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder)
        for call, total in count(folder).items():
            for fault in FAULTS:
                numbers = places(total)
                with ThreadPoolExecutor(JOBS) as pool:
                    results = list(pool.map(lambda number: disturb(folder, call, fault, number), numbers))
                for number, wrong in zip(numbers, results):
                    for line in wrong:
                        print(f"{call} {number} with {fault}: {line}", file=sys.stderr)
                failed = sum(bool(wrong) for wrong in results)
                print(f"erase: {call}, {fault}: {len(results)} times, {failed} not finished by the next one")
                bad += failed
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
