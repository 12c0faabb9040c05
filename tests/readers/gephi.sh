# GraphML and GEXF: Gephi.
set -eu
python=$("$HERE/fetch.sh" python)
jars=$("$HERE/fetch.sh" gephi)
nice -n 10 javac -proc:none -nowarn -d . -cp "$jars" "$HERE/GephiDump.java"
nice -n 10 java -Djava.awt.headless=true -XX:TieredStopAtLevel=1 -cp "$jars:." GephiDump all.graphml graphml.jsonl all.gexf gexf.jsonl 2>java.log ||
    { tail -n 20 java.log >&2; exit 1; }
"$python" "$HERE/gephi.py" graphml.jsonl gexf.jsonl
