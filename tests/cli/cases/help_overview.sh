. "$CASES/lib.sh"
ringfence --help
