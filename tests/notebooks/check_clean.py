"""check_clean.py FOLDER: notebooks are committed without outputs, counts and traces of somebody's machine."""

import json
import re
import sys
from pathlib import Path

METADATA = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}}
TRACES = re.compile(r"(/home/|/Users/|/root/|/tmp/|[A-Z]:\\\\)")


def complaints(path):
    text = path.read_text("utf-8")
    notebook = json.loads(text)
    if notebook["metadata"] != METADATA:
        yield f"metadata is {notebook['metadata']}, expected {METADATA}"
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code" and (cell["outputs"] or cell["execution_count"] is not None):
            yield f"cell {number} has outputs or a count; clear all outputs before committing"
        if set(cell["metadata"]) - {"tags"}:
            yield f"cell {number} has metadata {sorted(cell['metadata'])}"
        if trace := TRACES.search("".join(cell["source"])):
            yield f"cell {number} names a place of one machine: {trace.group()}"
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if not any("assert " in source for source in code):
        yield "asserts nothing about its result"
    if not any("parameters" in cell["metadata"].get("tags", []) for cell in notebook["cells"]):
        yield "no cell has the tag `parameters`"


notebooks = sorted(Path(sys.argv[1]).glob("*.ipynb"))
found = [f"{path.name}: {complaint}" for path in notebooks for complaint in complaints(path)]
print("\n".join(found) or f"{len(notebooks)} notebooks are clean")
sys.exit(bool(found) or not notebooks)
