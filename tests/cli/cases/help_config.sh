. "$CASES/lib.sh"
# the committed document is the generated one
ringfence help config --markdown > generated || exit 1
diff -u "$CASES/../../../docs/CONFIGURATION.md" generated && echo equal
ringfence help config | grep -c '^[a-z]'  >/dev/null || echo "no keys"
