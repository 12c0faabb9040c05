"""check_executed.py NOTEBOOKS EXECUTED: every notebook was executed to its end, no cell failed, and there are pictures and tables."""

import json
import sys
from pathlib import Path

sources = sorted(Path(sys.argv[1]).glob("*.ipynb"))
failed = not sources
for source in sources:
    cells = json.loads((Path(sys.argv[2]) / source.name).read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    outputs = [output for cell in code for output in cell["outputs"]]
    kinds = [kind for output in outputs for kind in output.get("data", {})]
    wrong = []
    if any(cell["execution_count"] is None for cell in code):
        wrong.append("a cell was not executed")
    wrong += [f"{output['ename']}: {output['evalue']}" for output in outputs if output["output_type"] == "error"]
    wrong += ["stderr: " + "".join(output["text"]).strip() for output in outputs if output.get("name") == "stderr"]
    if "image/png" not in kinds or "text/html" not in kinds:
        wrong.append("no picture or no table")
    failed |= bool(wrong)
    print(f"{source.name}: {'; '.join(wrong) or f'''{len(code)} cells, {kinds.count('image/png')} pictures, {kinds.count('text/html')} tables'''}")
sys.exit(failed)
