. "$CASES/lib.sh"
# every verb and option is in the man page
ringfence help --man > page || exit 1
sed -n '1,6p' page
for verb in init check run simulate build train score evaluate emit inspect; do
    grep -q "^\.SS $verb$" page || echo "$verb is missing"
    ringfence $verb --help | sed -n 's/^  --\([a-z-]*\).*/\1/p' | while read -r flag; do
        grep -qF -- "\\-\\-$(echo "$flag" | sed 's/-/\\-/g')" page || echo "--$flag is missing"
    done
done
