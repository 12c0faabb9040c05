#!/usr/bin/env python3
"""dockerfile.py - reads the Dockerfile: checks that it fits the sources, or does its steps in folders, without a builder.

    dockerfile.py check [FOLDER]              every file that is copied exists and reaches the build, every package is known
    dockerfile.py chroot BASE.tar WORK        each stage in WORK/<its number>, begun from the file system BASE.tar (as root)

`check` needs nothing but Python. `chroot` knows the instructions that our Dockerfile uses; others end it.
"""
from __future__ import annotations

import fnmatch
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

Step = tuple[str, str]  # instruction, its arguments


def read(path: Path) -> list[list[Step]]:
    """The stages of a Dockerfile, each a list of steps that begins with FROM."""
    lines = [line for line in path.read_text().splitlines() if not re.match(r"\s*(#|$)", line)]
    text = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    stages: list[list[Step]] = []
    for line in text.splitlines():
        instruction, arguments = line.split(None, 1)
        if instruction == "FROM":
            stages.append([])
        stages[-1].append((instruction, arguments))
    return stages


def names(stages: list[list[Step]]) -> dict[str, int]:
    """Names of the stages: FROM image AS name."""
    found = {}
    for number, stage in enumerate(stages):
        words = stage[0][1].split()
        if len(words) == 3:
            found[words[2]] = number
    return found


class Context:
    """The files that .dockerignore lets through. Its last matching line decides, and a folder stands for what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        lines = (folder / ".dockerignore").read_text().splitlines()
        self.rules = [line.strip() for line in lines if line.strip() and not line.startswith("#")]

    def has(self, path: str) -> bool:
        kept = True
        parts = path.split("/")
        above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        for rule in self.rules:
            if any(fnmatch.fnmatchcase(part, rule.lstrip("!").rstrip("/")) for part in above):
                kept = rule.startswith("!")
        return kept

    def files(self, below: str) -> list[str]:
        start = self.folder / below
        found = [start] if start.is_file() else sorted(p for p in start.rglob("*") if p.is_file())
        relative = [p.relative_to(self.folder).as_posix() for p in found]
        return [path for path in relative if self.has(path)]


def copied(arguments: str) -> tuple[str | None, list[str], str]:
    """COPY's stage (None: the context), sources and target."""
    words = shlex.split(arguments)
    stage = words.pop(0).split("=", 1)[1] if words[0].startswith("--from=") else None
    return stage, words[:-1], words[-1]


def packages(arguments: str) -> set[str]:
    """Packages that a RUN installs by name."""
    found = set()
    for command in re.split(r"&&|;|\|\|", arguments):
        if "apt-get install" in command:
            found |= {word for word in command.split("install", 1)[1].split() if re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", word)}
    return found


def sources_of_build(folder: Path) -> set[str]:
    """What the top CMakeLists.txt takes from the source tree, as far as the preset of packages reads it."""
    text = "\n".join(p.read_text() for p in [folder / "CMakeLists.txt", *sorted((folder / "cmake").glob("*.cmake"))])
    text = text.split("if(RF_BUILD_TESTS OR")[0] + text.split("endif()", 1)[-1]
    named = set(re.findall(r"\$\{PROJECT_SOURCE_DIR\}/([\w@./-]+)", text)) | set(re.findall(r"add_subdirectory\((\w+)\)", text))
    return {path for path in named if path.split("/")[0] != "tests"} | {"CMakeLists.txt", "CMakePresets.json", "cmake"}


def check(folder: Path) -> list[str]:
    wrong = []
    context = Context(folder)
    stages = read(folder / "Dockerfile")
    stage_of = names(stages)
    known = set(re.findall(r"\|\s*([a-z0-9.+-]+)\s*$", (folder / "scripts/setup.sh").read_text(), re.M))
    for line in re.findall(r'_(?:DEPENDS|RECOMMENDS)\s+"?([a-z0-9, -]+)', (folder / "cmake/RfPackage.cmake").read_text()):
        known |= set(re.split(r"[, ]+", line))
    for stage in stages:
        for instruction, arguments in stage:
            if instruction == "COPY":
                origin, sources, _ = copied(arguments)
                if origin is not None and origin not in stage_of:
                    wrong.append(f"COPY --from={origin}: no stage has this name")
                wrong += [f"COPY {path}: the build does not get it" for path in sources if origin is None and not context.files(path)]
            if instruction == "RUN":
                wrong += [f"RUN installs {name}, which neither scripts/setup.sh nor the package names" for name in packages(arguments) - known]
                wrong += [f"RUN mounts from {name}: no stage has this name" for name in re.findall(r"from=(\w+)", arguments) if name not in stage_of]
    for path in sorted(sources_of_build(folder)):
        if not (folder / path).exists():
            wrong.append(f"{path}: CMake takes it, and it does not exist")
        elif not context.files(path):
            wrong.append(f"{path}: CMake takes it, and .dockerignore keeps it out")
    last = stages[-1]
    if [a for i, a in last if i == "USER"][-1:] in ([], ["root"], ["0"]):
        wrong.append("the last stage runs as root")
    if any(i == "COPY" for i, _ in last) or any("setup.sh" in a for i, a in last if i == "RUN"):
        wrong.append("the last stage brings more than the package")
    return wrong


def do_stage(number: int, stage: list[Step], work: Path, base: Path, context: Context, stage_of: dict[str, int]) -> None:
    root = work / str(number)
    root.mkdir()
    subprocess.run(["tar", "-xf", base, "-C", root], check=True)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    where, environment = "/", {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"}
    for instruction, arguments in stage[1:]:
        print(f"== {number}: {instruction} {arguments[:100]}", flush=True)
        if instruction == "WORKDIR":
            where = arguments
            (root / where.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif instruction == "ARG":
            name, value = (arguments.split("=", 1) + [""])[:2]
            environment[name] = value
        elif instruction == "COPY":
            origin, sources, target = copied(arguments)
            assert origin is None, "COPY --from is not used"
            here = root / where.lstrip("/")
            for path in (path for source in sources for path in context.files(source)):
                to = here / (path if len(sources) == 1 and sources[0] == "." else target)
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(context.folder / path, to)
        elif instruction == "RUN":
            run(arguments, root, where, environment, work, stage_of)
        elif instruction not in ("LABEL", "USER", "VOLUME", "STOPSIGNAL", "ENTRYPOINT", "CMD"):
            raise SystemExit(f"dockerfile.py: {instruction} is not known here")


def run(arguments: str, root: Path, where: str, environment: dict[str, str], work: Path, stage_of: dict[str, int]) -> None:
    mounted = None
    words = arguments.split(None, 1)
    if words[0].startswith("--mount="):
        options = dict(option.split("=", 1) for option in words[0].split("=", 1)[1].split(","))
        mounted = root / options["target"].lstrip("/")
        shutil.copytree(work / str(stage_of[options["from"]]) / options["source"].lstrip("/"), mounted, symlinks=True)
        arguments = words[1]
    command = ["chroot", str(root), "/bin/sh", "-c", f"cd {shlex.quote(where)} && {arguments}"]
    # a process namespace of its own, so that nothing that a step starts outlives it
    subprocess.run(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc=" + str(root / "proc"), *command], check=True, env=environment)
    if mounted is not None:
        shutil.rmtree(mounted)


def main() -> int:
    arguments = sys.argv[1:]
    here = Path(__file__).resolve().parent.parent
    if arguments[:1] == ["check"] and len(arguments) <= 2:
        wrong = check(Path(arguments[1]) if len(arguments) == 2 else here)
        for line in wrong:
            print(f"Dockerfile: {line}", file=sys.stderr)
        return 1 if wrong else 0
    if arguments[:1] == ["chroot"] and len(arguments) == 3:
        stages = read(here / "Dockerfile")
        for number, stage in enumerate(stages):
            do_stage(number, stage, Path(arguments[2]), Path(arguments[1]), Context(here), names(stages))
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
