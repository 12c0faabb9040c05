. "$CASES/lib.sh"
status ringfence trian
status ringfence frobnicate --help
status ringfence --threads 2 build
status ringfence help evaluat
