. "$CASES/lib.sh"
# a state or a model of other settings is refused with what to do, and --rebuild and --restart do it
small_events 2000
ringfence build --config job.yaml --graph g.h5 --quiet || exit 1
status ringfence build --config job.yaml --graph g.h5 --quiet --set fields.attributes.rating.required=true 2>&1 | cut -c1-60
status ringfence build --config job.yaml --graph g.h5 --quiet --granularity event --rebuild
ringfence inspect g.h5 | grep granularity
ringfence train --graph g.h5 --model m.h5 --epochs 2 --hidden 8 --latent 8 --quiet || exit 1
status ringfence train --graph g.h5 --model m.h5 --epochs 2 --hidden 8 --latent 4 --quiet
status ringfence train --graph g.h5 --model m.h5 --epochs 2 --hidden 8 --latent 4 --quiet --restart
