# Override with a digest (node@sha256:…) for a reproducible base, with a mirror, or with another image that has Node and npm.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No package needs its install script. npm's default script for the SQLite binding would need a compiler, although the package contains the
# compiled file. The bundler of the web page and a copy of Node are optional packages, one for each platform.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json tsconfig.client.json ./
COPY scripts/build.js scripts/build.js
COPY scripts/bundle scripts/bundle
COPY openapi openapi
COPY src src
COPY web web
# Optional packages must stay (koffi's binary is one), except the copies of Node.
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/node-linux-* node_modules/.bin/node
COPY package.json LICENSE ./
COPY migrations migrations
# Collects everything that the image adds, with modes independent of the umask of the checkout. npm's list of installed packages is removed
# because it names the registry.
RUN mkdir -p /image/app && mv node_modules dist package.json LICENSE migrations /image/app/ \
  && rm -f /image/app/node_modules/.package-lock.json && chmod -R u=rwX,go=rX /image

FROM ${BASE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /image/ /
# The journal and the tokens. Declared as a volume so that they are writable with --read-only and without a mount.
VOLUME /var/lib/conntrack-api
# Runs as root: root owns the boot files, and Docker sets no ambient capabilities, so another user would not get CAP_NET_ADMIN. The options of
# the runtime restrict root: see docker-compose.yml.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.CONNTRACK_API_PORT ?? 8477}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
