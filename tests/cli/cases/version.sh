. "$CASES/lib.sh"
ringfence --version | sed 's/[0-9]/N/g'
