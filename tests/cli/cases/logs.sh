. "$CASES/lib.sh"
# json logs are one object a line, errors too; --quiet keeps still; a forced progress line is wiped
small_events 3000
ringfence build --config job.yaml --graph g.h5 --log-format json 2> log || exit 1
grep -vc '^{"time":".*","level":"info","verb":"build","message":".*"}$' log
ringfence build --config job.yaml --graph nowhere/g.h5 --log-format json --quiet 2> log
echo "status $?"
grep -c '^{"time":".*","level":"error","verb":"build","message":".*"}$' log
ringfence train --graph g.h5 --model m.h5 --epochs 40 --hidden 8 --latent 8 --progress --log-level error 2> drawn || exit 1
tr '\r' '\n' < drawn | grep -c '^train \[.*epochs' | grep -qv '^0$' && echo drawn
ringfence train --graph g.h5 --model m.h5 --epochs 41 --restart --hidden 8 --latent 8 --no-progress --quiet 2> drawn || exit 1
wc -c < drawn | tr -d ' '
