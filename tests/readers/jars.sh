#!/bin/sh
# jars.sh NAME GROUP:ARTIFACT:VERSION[:CLASSIFIER]… [alone]: the jars, in the current folder, by Maven.
set -eu
shift
exclude=
for word; do
    [ "$word" != alone ] || exclude='<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>'
done
{
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>ringfence</groupId><artifactId>readers</artifactId><version>1</version><dependencies>'
    for word; do
        [ "$word" != alone ] || continue
        echo "$word" | {
            IFS=: read -r group artifact version classifier
            echo "<dependency><groupId>$group</groupId><artifactId>$artifact</artifactId><version>$version</version>"
            [ -z "$classifier" ] || echo "<classifier>$classifier</classifier>"
            echo "$exclude</dependency>"
        }
    done
    echo '</dependencies></project>'
} >pom.xml
nice -n 10 mvn --quiet --batch-mode --no-transfer-progress dependency:copy-dependencies -DoutputDirectory=.
rm pom.xml
