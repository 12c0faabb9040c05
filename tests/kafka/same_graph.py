#!/usr/bin/env python3
"""Says whether two graph files hold the same outside /state: the same groups, datasets and attributes, of the same types and
shapes, with the same bytes. Exit status 0 when they do; else 1, with a line for each difference.

    python3 tests/kafka/same_graph.py A.h5 B.h5
"""

import sys

import h5py
import numpy as np


def text(values):
    """Variable-length strings compare by what they hold, everything else by its bytes."""
    return values.tolist() if values.dtype.hasobject else values.tobytes()


def described(obj):
    """What makes up an object: its kind, its attributes, and of a dataset its type, shape, storage and data."""
    parts = {"kind": type(obj).__name__}
    for name, value in sorted(obj.attrs.items()):
        value = np.asarray(value)
        kind = obj.attrs.get_id(name).dtype
        parts["attribute " + name] = (str(kind), value.shape, text(value))
    if isinstance(obj, h5py.Dataset):
        parts["type"] = str(obj.dtype)
        parts["shape"] = obj.shape
        parts["chunks"] = (obj.chunks, obj.compression)
        parts["data"] = text(np.asarray(obj[()]))
    return parts


def contents(path):
    found = {}
    with h5py.File(path, "r") as file:

        def visit(name, obj):
            if name != "state" and not name.startswith("state/"):
                found["/" + name] = described(obj)

        found["/"] = described(file)
        file.visititems(visit)
    return found


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    a, b = (contents(path) for path in sys.argv[1:])
    differences = [f"{name} is only in {path}"
                   for one, other, path in ((a, b, sys.argv[1]), (b, a, sys.argv[2]))
                   for name in sorted(one.keys() - other.keys())]
    for name in sorted(a.keys() & b.keys()):
        for part in sorted(a[name].keys() | b[name].keys()):
            one, other = a[name].get(part), b[name].get(part)
            if one != other:
                shown = "" if part == "data" else f": {one} and {other}"
                differences.append(f"{name}: {part} differs{shown}")
    for line in differences:
        print(line, file=sys.stderr)
    if "/e/u" not in a:
        sys.exit(f"{sys.argv[1]} holds no edges")
    print(f"{len(a)} objects outside /state are equal" if not differences else f"{len(differences)} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
