"""compare.py: what became slower or larger between two runs of scripts/bench.sh."""

LEAST = 0.05  # smaller changes are never named: the same program varies by as much
FEW = 3  # rounds; less of them have no spread to speak of:
LEAST_OF_FEW = 0.15
SHORTEST = 0.002  # seconds: shorter than that is not judged


def changes(old, new):
    """(what, before, after, allowed change) of each figure that both lines have."""
    share = LEAST if min(old.get("rounds", 1), new.get("rounds", 1)) >= FEW else LEAST_OF_FEW
    for name, spread, least in (("seconds", "spread", SHORTEST), ("cpu_seconds", "cpu_spread", SHORTEST)):
        if name in old and name in new and old[name] >= least:
            yield name, old[name], new[name], max(share * old[name], old.get(spread, 0) + new.get(spread, 0))
    if "peak_bytes" in old and "peak_bytes" in new:
        yield "peak_bytes", old["peak_bytes"], new["peak_bytes"], LEAST * old["peak_bytes"]


def report(old, new, key):
    """Prints a line for each figure that changed by more than the spread of both runs; returns those that became worse. The clock
    is judged where both runs had the machine to themselves, else processor time."""
    name_of = lambda line: tuple(line.get(part) for part in key)
    before = {name_of(line): line for line in old}
    quiet = all(line.get("basis") == "clock" for line in old + new if line["case"] == "machine")
    worse = []
    for line in new:
        if line["case"] in ("machine", "peer") or name_of(line) not in before:
            continue
        words = " ".join(str(part) for part in name_of(line) if part is not None)
        for what, was, is_now, allowed in changes(before[name_of(line)], line):
            if abs(is_now - was) <= allowed or (what == "seconds" and not quiet):
                continue
            verdict = "REGRESSION" if is_now > was else "better"
            print(f"{verdict}: {words}: {what} {was:.6g} -> {is_now:.6g} ({is_now / was - 1:+.1%}; spread allows "
                  f"{allowed / was:.1%})")
            if is_now > was:
                worse.append(words)
    if not worse:
        print("compared: nothing became slower or larger than the spread explains")
    return worse
