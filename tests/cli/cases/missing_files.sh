. "$CASES/lib.sh"
status ringfence train --graph nowhere.h5 --model m.h5
status ringfence score --graph nowhere.h5 --model m.h5 --output s.h5
status ringfence evaluate --scores s.h5 --graph nowhere.h5
status ringfence inspect nowhere.h5
echo text > not.h5
status ringfence inspect not.h5 2>&1 | sed 's/: .*/: .../'
ls
