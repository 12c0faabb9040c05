# ringfence in a container: the Debian package, built here and installed on a slim Debian.
#
#   docker build --tag ringfence --build-arg REVISION=$(git rev-parse HEAD) .
#   docker run --rm --volume "$PWD/runs:/data" ringfence run --config /data/orders.yaml
#
# compose.yaml runs it beside a broker. A job ends by itself and says by its exit status how; so there is no HEALTHCHECK.
# scripts/try-container.sh builds and runs this file where there is no Docker.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/setup.sh scripts/setup.sh
RUN scripts/setup.sh --package && rm -rf /var/lib/apt/lists/*
COPY . .
ARG JOBS=2
RUN cmake --preset package && cmake --build --preset package --parallel "$JOBS" && cd build/package && cpack

FROM debian:bookworm-slim
# the package names the libraries that it needs; 10001 is the user that examples/kubernetes-cronjob.yaml expects
RUN --mount=type=bind,from=build,source=/src/build/package,target=/packages \
    apt-get update && apt-get install -y --no-install-recommends /packages/ringfence_*.deb ca-certificates && \
    rm -rf /var/lib/apt/lists/* && \
    groupmod --gid 10001 ringfence && usermod --uid 10001 --gid 10001 ringfence && \
    install -d -o ringfence -g ringfence -m 750 /data
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ringfence" \
      org.opencontainers.image.description="finds fraud rings in streams of interaction events" \
      org.opencontainers.image.licenses="GPL-3.0-or-later" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
USER 10001:10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["ringfence"]
CMD ["--help"]
