# The server with the client inside: the image contains one static binary and nothing else.
#
#   docker build -f docker/backend.Dockerfile -t kaiwa-backend .

FROM node:22-bookworm-slim AS node

FROM rust:1.95-bookworm AS build
# wasm-opt makes the client a third smaller and needs Node.js.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
ENV KAIWA_CACHE=/cache
COPY rust-toolchain.toml ./
RUN rustup toolchain install
COPY . .
RUN cargo xtask dist --static \
    && install -D target/dist/kaiwa /root-of-image/usr/local/bin/kaiwa \
    && install -D -m 644 /etc/ssl/certs/ca-certificates.crt /root-of-image/etc/ssl/certs/ca-certificates.crt \
    && install -D -m 644 LICENSE /root-of-image/usr/share/doc/kaiwa/LICENSE \
    && install -d -m 1777 /root-of-image/tmp \
    && install -d -m 700 /data-of-image/data \
    && printf 'kaiwa:x:10001:10001::/app:/usr/local/bin/kaiwa\n' >/root-of-image/etc/passwd

FROM scratch
COPY --from=build /root-of-image /
COPY --from=build --chown=10001:10001 /data-of-image /app
ENV HOST=0.0.0.0
# Returns memory to the system immediately after a burst or a password hash, instead of after a second.
ENV MIMALLOC_PURGE_DELAY=10
WORKDIR /app
USER 10001:10001
VOLUME /app/data
EXPOSE 8001
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 CMD ["/usr/local/bin/kaiwa", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/kaiwa"]
