# nginx with the client: serves its files and forwards all other requests to BACKEND_HOST:BACKEND_INTERNAL_PORT.
#
#   docker build -f docker/frontend.Dockerfile -t kaiwa-frontend .

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
RUN cargo xtask client

# Debian's nginx has the module for brotli files, and the browser tests use it too.
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl libnginx-mod-http-brotli-static nginx \
    && rm -rf /var/lib/apt/lists/*
COPY docker/nginx /opt/kaiwa
COPY --from=build /src/frontend/dist /usr/share/kaiwa
COPY LICENSE /usr/share/doc/kaiwa/LICENSE
ENV BACKEND_HOST=backend \
    BACKEND_INTERNAL_PORT=8001 \
    KAIWA_PORT=3000
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=15s --timeout=5s --start-period=5s --retries=4 CMD ["sh", "-c", "curl -fsS -o /dev/null http://127.0.0.1:$KAIWA_PORT/"]
ENTRYPOINT ["/opt/kaiwa/start.sh"]
