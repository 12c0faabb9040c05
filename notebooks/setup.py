"""The package has the version of the program, which CMakeLists.txt names; an sdist has it in its own PKG-INFO."""

import re
from pathlib import Path

from setuptools import setup

here = Path(__file__).resolve().parent
project, sdist = here.parent / "CMakeLists.txt", here / "PKG-INFO"
pattern, file = (r"^Version: (\S+)", sdist) if sdist.exists() else (r"^project\(ringfence VERSION (\S+)", project)
setup(version=re.search(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)[1])
