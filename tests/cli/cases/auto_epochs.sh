. "$CASES/lib.sh"
# epochs: auto is the default, says why it stopped, and keeps it in the model; a number is exactly that many
small_events 3000
ringfence build --config job.yaml --graph g.h5 --quiet || exit 1
small="--graph g.h5 --hidden 8 --latent 8"
numbers() { sed 's/[0-9][0-9]*/N/g'; } # they depend on the last digits that the processor computes

ringfence train $small --model model.h5 2> log || exit 1
sed -n 's/.*model.h5: \([0-9]* epochs\), loss [^,]*\(.*\)/\1\2/p' log | numbers
ringfence inspect model.h5 | grep -E '^  (epoch|peak_epoch|ended_by) ' | tr -s ' ' | numbers
ringfence train $small --model model.h5 --epochs auto 2> log || exit 1
grep -o 'nothing to do' log
epochs=$(ringfence inspect model.h5 | sed -n 's/^  epoch  *//p')
ringfence train $small --model model.h5 --epochs $((epochs + 2)) 2> log || exit 1
ringfence inspect model.h5 | sed -n 's/^  ended_by  *//p'

ringfence train $small --model other.h5 --epochs 25 --quiet || exit 1
ringfence inspect other.h5 | grep -E '^  (epoch|ended_by) ' | tr -s ' '
status ringfence train $small --model other.h5 --epochs automatic --quiet
