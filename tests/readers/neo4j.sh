# Neo4j: the import line of the export's own README, then Cypher in the embedded database.
set -eu
python=$("$HERE/fetch.sh" python)
jars=$("$HERE/fetch.sh" neo4j)
home=$(pwd)/home
mkdir -p "$home/conf" classes
line=$(grep '^neo4j-admin database import' all.neo4j/README.md)
# the program that neo4j-admin starts, with the same words
(
    cd all.neo4j
    NEO4J_HOME=$home NEO4J_CONF=$home/conf nice -n 10 java -XX:TieredStopAtLevel=1 -cp "$jars" org.neo4j.cli.AdminTool \
        ${line#neo4j-admin }
) >import.log 2>&1 || { tail -n 40 import.log >&2; exit 1; }
nice -n 10 javac -proc:none -nowarn -d classes -cp "$jars" "$HERE/Neo4jDump.java"
nice -n 10 java -XX:TieredStopAtLevel=1 --add-opens=java.base/java.nio=ALL-UNNAMED -cp "$jars:classes" Neo4jDump "$home" all.neo4j/queries.cypher neo4j.jsonl >java.log 2>&1 ||
    { tail -n 40 java.log >&2; exit 1; }
"$python" "$HERE/neo4j.py" neo4j.jsonl
