. "$CASES/lib.sh"
ringfence
