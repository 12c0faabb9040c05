"""sbom.py - makes and checks the bill of materials; scripts/sbom.sh says how it is called."""
from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("base", "ingest", "graph", "gnn", "scoring", "export", "cli", "configs", "cmake", "CMakeLists.txt")
MADE = {"node_modules", "__pycache__"}  # by tools, inside the folders of sources
OURS = "GPL-3.0-or-later"

# Debian's names of licences, as SPDX has them. What is not here becomes a LicenseRef.
LICENCES = {
    "Apache-2.0": "Apache-2.0", "BSD-2-clause": "BSD-2-Clause", "BSD-3-clause": "BSD-3-Clause", "BSD-4-clause": "BSD-4-Clause",
    "curl": "curl", "Expat": "MIT", "GPL-2": "GPL-2.0-only", "GPL-2+": "GPL-2.0-or-later", "GPL-3": "GPL-3.0-only",
    "GPL-3+": "GPL-3.0-or-later", "ISC": "ISC", "LGPL-2": "LGPL-2.0-only", "LGPL-2+": "LGPL-2.0-or-later", "LGPL-2.1": "LGPL-2.1-only",
    "LGPL-2.1+": "LGPL-2.1-or-later", "LGPL-3": "LGPL-3.0-only", "LGPL-3+": "LGPL-3.0-or-later", "MIT": "MIT", "OpenLDAP-2.8": "OLDAP-2.8",
    "Zlib": "Zlib",
}  # fmt: skip
# source packages whose copyright file is not for machines, as far as their libraries go; read by us
READ_BY_HAND = {
    "glibc": "LGPL-2.1-or-later", "gcc-12": "GPL-3.0-or-later WITH GCC-exception-3.1", "libaec": "BSD-2-Clause",
    "e2fsprogs": "MIT", "keyutils": "LGPL-2.0-or-later",
}  # fmt: skip


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def spdx_id(*words: str) -> str:
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", "-".join(words))


# ---- our sources


def source_files() -> list[Path]:
    found = []
    for name in SOURCES:
        start = ROOT / name
        below = [start] if start.is_file() else start.rglob("*")
        found += [p for p in below if p.is_file() and not MADE & set(p.relative_to(ROOT).parts)]
    return sorted(found, key=lambda p: p.relative_to(ROOT).as_posix())


def file_entry(path: Path) -> dict[str, Any]:
    name, content = path.relative_to(ROOT).as_posix(), path.read_bytes()
    return {
        "SPDXID": spdx_id("File", name), "fileName": f"./{name}",
        "checksums": [{"algorithm": "SHA1", "checksumValue": hashlib.sha1(content).hexdigest()},
                      {"algorithm": "SHA256", "checksumValue": hashlib.sha256(content).hexdigest()}],
        "licenseConcluded": OURS, "licenseInfoInFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION",
    }  # fmt: skip


def verification_code(files: list[dict[str, Any]]) -> str:
    """SPDX 2.3, 7.9: the hash of the sorted hashes of the files."""
    return hashlib.sha1("".join(sorted(f["checksums"][0]["checksumValue"] for f in files)).encode()).hexdigest()


def version() -> str:
    return re.search(r"^project\(ringfence VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.MULTILINE)[1]


def bundled() -> list[dict[str, Any]]:
    """The modules in the page of `export --format html`, as its head comment names them, with the lock file's licences."""
    lock = json.loads((ROOT / "export/page/package-lock.json").read_text())["packages"]
    head = (ROOT / "export/page/page.html").read_text(encoding="utf-8").split("/*!", 1)[1].split("*/", 1)[0]
    packages = []
    for name, number in re.findall(r"\b(d3-[a-z-]+) (\d[\d.]*\d)", head):
        entry = lock[f"node_modules/{name}"]
        assert entry["version"] == number, f"{name}: the page has {number}, the lock file {entry['version']}"
        packages.append(package(name, number, entry["license"], f"pkg:npm/{name}@{number}", f"https://registry.npmjs.org/{name}/-/{name}-{number}.tgz"))
    return packages


# ---- Debian's libraries


def resolved(program: Path) -> dict[str, str]:
    """soname: file, of everything that the loader brings."""
    return dict(re.findall(r"(\S+) => (/\S+)", output_of("ldd", str(program))))


def needed(paths: list[str]) -> dict[str, list[str]]:
    """path: the sonames that it is linked to."""
    told = re.split(r"^File: (.*)$", output_of("readelf", "--dynamic", "--wide", *paths), flags=re.MULTILINE)[1:]
    return {path: re.findall(r"\(NEEDED\)\s+Shared library: \[([^]]+)\]", text) for path, text in zip(told[::2], told[1::2])}


def owners(paths: list[str]) -> dict[str, str]:
    """path: the package that installed it. /lib is /usr/lib today; dpkg may know either name."""
    names = {path: {os.path.realpath(path), path} for path in paths}
    names = {path: given | {p.removeprefix("/usr") for p in given} for path, given in names.items()}
    every = sorted(set().union(*names.values()))
    told = subprocess.run(["dpkg-query", "--search", *every], capture_output=True, text=True, check=False).stdout
    owner = {place: packages.split(",")[0] for packages, place in re.findall(r"^(\S[^/\n]*): (/.*)$", told, re.MULTILINE)}
    found = {path: next((owner[name] for name in sorted(given) if name in owner), "") for path, given in names.items()}
    unknown = [path for path, package_name in found.items() if not package_name]
    if unknown:
        raise SystemExit(f"sbom.sh: no package of Debian installed {', '.join(unknown)}; build on Debian with its own libraries")
    return found


def licence_of(debian: str, source: str, extracted: dict[str, str]) -> str:
    """Of all files that the copyright file does not name apart."""
    if source in READ_BY_HAND:
        return READ_BY_HAND[source]
    text = Path(f"/usr/share/doc/{debian}/copyright").read_text(encoding="utf-8", errors="replace")
    whole = re.search(r"^Files:\s*\*\s*$.*?^License:[ \t]*(\S[^\n]*)$", text, re.MULTILINE | re.DOTALL)
    if whole is None:
        return "NOASSERTION"
    words = re.split(r"(?:,\s*|\s+)(and|or)\s+", whole[1].strip().replace("/", "-"))
    for n in range(0, len(words), 2):
        known = {name.lower(): spdx for name, spdx in LICENCES.items()}.get(words[n].lower())
        if known is None:
            known = "LicenseRef-" + re.sub(r"[^A-Za-z0-9.-]+", "-", words[n])
            body = re.search(rf"^License:[ \t]*{re.escape(words[n])}[ \t]*\n((?:[ \t].*\n?)+)", text, re.MULTILINE)
            extracted.setdefault(known, body[1].strip() if body else f"see /usr/share/doc/{debian}/copyright of Debian's package {debian}")
        words[n] = known
    joined = " ".join(word.upper() if word in ("and", "or") else word for word in words)
    return f"({joined})" if " AND " in joined and " OR " in joined else joined


def installed(names: list[str]) -> list[list[str]]:
    """Package, version, architecture, source package and home page of each."""
    form = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${Homepage}\n"
    return [line.split("\t") for line in sorted(output_of("dpkg-query", "--show", "--showformat", form, *names).splitlines())]


def debian_package(known: list[str], extracted: dict[str, str]) -> dict[str, Any]:
    plain, number, arch, source, home = known
    purl = f"pkg:deb/debian/{plain}@{number.replace(':', '%3A').replace('+', '%2B')}?arch={arch}"
    entry = package(plain, number, licence_of(plain, source, extracted), purl, "NOASSERTION")
    entry["supplier"] = "Organization: Debian"
    entry["sourceInfo"] = f"built from Debian's source package {source}"
    if home:
        entry["homepage"] = home
    return entry


# ---- the document


def package(name: str, number: str, licence: str, purl: str, where: str) -> dict[str, Any]:
    return {
        "SPDXID": spdx_id("Package", name), "name": name, "versionInfo": number, "downloadLocation": where, "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION", "licenseDeclared": licence, "copyrightText": "NOASSERTION",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}],
    }  # fmt: skip


def related(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def linked(program: Path, ours: str, extracted: dict[str, str]) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The packages of all libraries, and who is linked to whom."""
    files = resolved(program)
    owner = owners(list(files.values()))  # with the architecture: libigraph3:amd64
    packages = {known[0]: debian_package(known, extracted) for known in installed(sorted(set(owner.values())))}
    one_of = {path: packages[name.split(":")[0]]["SPDXID"] for path, name in owner.items()} | {str(program): ours}
    links = {(one_of[path], one_of[files[so]]) for path, sonames in needed(list(one_of)).items() for so in sonames if so in files}
    return list(packages.values()), [related(one, "DYNAMIC_LINK", other) for one, other in sorted(links) if one != other]


def document(program: Path) -> dict[str, Any]:
    extracted: dict[str, str] = {}
    files = [file_entry(path) for path in source_files()]
    us = package("ringfence", version(), OURS, f"pkg:generic/ringfence@{version()}", "NOASSERTION")
    us |= {"filesAnalyzed": True, "licenseConcluded": OURS, "licenseInfoFromFiles": ["NOASSERTION"], "primaryPackagePurpose": "APPLICATION",
           "packageVerificationCode": {"packageVerificationCodeValue": verification_code(files)}}  # fmt: skip
    inside = bundled()
    libraries, links = linked(program, us["SPDXID"], extracted)
    # ingest/formats/descriptor_set.c is made of its descriptor.proto
    made_of = debian_package(installed(["libprotobuf-dev"])[0], extracted)
    packages = [us, *inside, *libraries, made_of]
    relationships = [related("SPDXRef-DOCUMENT", "DESCRIBES", us["SPDXID"])]
    relationships += [related(us["SPDXID"], "CONTAINS", part["SPDXID"]) for part in [*files, *inside]]
    relationships += [*links, related(made_of["SPDXID"], "BUILD_DEPENDENCY_OF", us["SPDXID"])]
    moment = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.now().timestamp()), timezone.utc)
    described = hashlib.sha256(json.dumps([packages, files, relationships], sort_keys=True).encode()).hexdigest()
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"ringfence-{version()}",
        "documentNamespace": f"https://spdx.org/spdxdocs/ringfence-{version()}-{described[:32]}",
        "creationInfo": {"created": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: ringfence-sbom.sh"]},
        "packages": packages, "files": files, "relationships": relationships,
        "hasExtractedLicensingInfos": [{"licenseId": name, "extractedText": text, "name": name.removeprefix("LicenseRef-")}
                                       for name, text in sorted(extracted.items())],
    }  # fmt: skip


# ---- the check


def faults(sbom: dict[str, Any]) -> list[str]:
    wrong = []
    for key, value in {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT"}.items():
        if sbom.get(key) != value:
            wrong.append(f"{key} is not {value}")
    if not re.fullmatch(r"https?://[^#\s]+", sbom.get("documentNamespace", "")):
        wrong.append("documentNamespace is no address without a fragment")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", sbom["creationInfo"]["created"]):
        wrong.append("creationInfo.created is no time in UTC")
    elements = [sbom, *sbom["packages"], *sbom["files"]]
    ids = [element["SPDXID"] for element in elements]
    wrong += [f"{name}: not an SPDXID" for name in ids if not re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", name)]
    wrong += [f"{name} occurs more than once" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for link in sbom["relationships"]:
        wrong += [f"a relationship names {end}, which is not there" for end in (link["spdxElementId"], link["relatedSpdxElement"]) if end not in ids]
    wrong += package_faults(sbom)
    told = {entry["fileName"]: entry["checksums"] for entry in sbom["files"]}
    here = {entry["fileName"]: entry["checksums"] for entry in map(file_entry, source_files())}
    wrong += [f"{name}: not as in the sources" for name in sorted(told.keys() | here.keys()) if told.get(name) != here.get(name)]
    return wrong


def package_faults(sbom: dict[str, Any]) -> list[str]:
    wrong = []
    known = set(LICENCES.values()) | {entry["licenseId"] for entry in sbom["hasExtractedLicensingInfos"]} | {"GCC-exception-3.1"}
    linked_to = {link["relatedSpdxElement"] for link in sbom["relationships"] if link["relationshipType"] == "DYNAMIC_LINK"}
    for entry in sbom["packages"]:
        name = entry["name"]
        wrong += [f"{name} has no {key}" for key in ("versionInfo", "downloadLocation", "licenseDeclared", "copyrightText") if not entry.get(key)]
        licences = re.findall(r"[A-Za-z0-9.+-]+", entry["licenseDeclared"])
        wrong += [f"{name}: unknown licence {licence}" for licence in licences if licence not in known | {"AND", "OR", "WITH", "NOASSERTION"}]
        if not any(re.fullmatch(r"pkg:\w+/\S+@\S+", ref["referenceLocator"]) for ref in entry["externalRefs"]):
            wrong.append(f"{name} has no purl")
        if entry["filesAnalyzed"] and entry["packageVerificationCode"]["packageVerificationCodeValue"] != verification_code(sbom["files"]):
            wrong.append(f"{name}: the verification code is not that of the files")
    for library in ("libc6", "libhdf5", "libigraph", "librdkafka", "libyaml"):
        if not any(e["name"].startswith(library) and e["SPDXID"] in linked_to for e in sbom["packages"]):
            wrong.append(f"no package {library}… that the program is linked to")
    return wrong


def main() -> int:
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "--check":
        wrong = faults(json.loads(Path(arguments[1]).read_text()))
        for line in wrong:
            print(f"{arguments[1]}: {line}", file=sys.stderr)
        return 1 if wrong else 0
    if len(arguments) > 1 or arguments and arguments[0].startswith("-"):
        print("usage: scripts/sbom.sh [RINGFENCE] | --check FILE.json", file=sys.stderr)
        return 2
    program = Path(arguments[0]) if arguments else ROOT / "build/release/cli/ringfence"
    if not program.exists():
        print(f"sbom.sh: {program} does not exist; build it, or name another program", file=sys.stderr)
        return 1
    json.dump(document(program), sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
