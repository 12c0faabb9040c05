. "$CASES/lib.sh"
# every configuration that we ship, and the document's example, is understood (the topics are asked for only after that)
root=$CASES/../../..
sed -n '/^```yaml$/,/^```$/p' "$root/docs/CONFIGURATION.md" | sed '/^```/d' > example.yaml
for file in "$root"/configs/*.yaml example.yaml; do
    [ "$(basename "$file")" != rules.yaml ] || continue # rules are `tag --check`'s
    echo "$(basename "$file")"
    ringfence build --config "$file" --set source.type=kafka
    echo "status $?"
done
