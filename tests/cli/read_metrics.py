"""read_metrics.py FILE [EXAMPLE...]: a strict reader of Prometheus's text format. Prints each sample's name and labels, sorted;
then checks that the examples ask for no metric that docs/OPERATIONS.md does not list."""
import json
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
VALUE = r'"((?:[^"\\\n]|\\\\|\\"|\\n)*)"'
LABEL = re.compile(r"([a-zA-Z_][a-zA-Z0-9_]*)=" + VALUE)
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (NaN|[+-]Inf|[-+0-9.eE]+)$")


def read(text):
    if not text.endswith("\n"):
        raise ValueError("the last line has no end")
    helped, typed, samples, family = set(), {}, {}, None
    for number, line in enumerate(text[:-1].split("\n"), 1):
        words = line.split(" ", 3)
        if line.startswith("# HELP "):
            if words[2] in helped or not re.fullmatch(NAME, words[2]) or len(words) < 4:
                raise ValueError(f"{number}: {line}")
            helped.add(words[2])
        elif line.startswith("# TYPE "):
            if words[2] in typed or words[3] not in ("gauge", "counter") or words[2] not in helped:
                raise ValueError(f"{number}: {line}")
            family = words[2]
            typed[family] = words[3]
        else:
            match = SAMPLE.match(line)
            if match is None or match[1] != family:
                raise ValueError(f"{number}: {line}")
            labels, rest = {}, match[2] or ""
            while rest:
                label = LABEL.match(rest)
                if label is None or label[1] in labels or label[1].startswith("__"):
                    raise ValueError(f"{number}: {line}")
                labels[label[1]] = re.sub(r'\\(.)', lambda m: "\n" if m[1] == "n" else m[1], label[2])
                rest = rest[label.end():]
                if rest and not rest.startswith(","):
                    raise ValueError(f"{number}: {line}")
                rest = rest[1:]
            key = (match[1], tuple(sorted(labels.items())))
            if key in samples:
                raise ValueError(f"{number}: twice: {line}")
            samples[key] = float(match[3].replace("Inf", "inf"))
    return samples


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        samples = read(file.read())
    for (name, labels), value in sorted(samples.items()):
        print(name, *(f"{k}={v!r}" for k, v in labels), "0" if value == 0 else "+" if value > 0 else "-")
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            known = set(re.findall(r"ringfence_[a-z_]+", file.read()))
        missing = {name for name, _ in samples} - known
        print("documented:", "all" if not missing else missing)
        for path in sys.argv[3:]:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            if path.endswith(".json"):
                json.loads(text)
            asked = set(re.findall(r"ringfence_[a-z_]+", text))
            print("asks for what is there:", bool(asked) and not asked - known)


main()
