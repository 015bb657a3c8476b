# Another one: a digest (node@sha256:…), so that the base is the same too; a mirror; one of your own with Node and npm.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No package needs its install script; the SQLite binding's, which npm makes up, would want a compiler although the compiled file is in the
# package. The bundler of the page comes as optional packages, one for each platform; so does a copy of Node.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json tsconfig.client.json ./
COPY src src
COPY web web
# Also what stays has optional packages: koffi's binary is one. The copies of Node are all that goes.
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/node-linux-* node_modules/.bin/node
COPY package.json LICENSE ./
COPY migrations migrations
# All that the image adds, with modes that are no matter of the umask of whoever checked it out. npm's own list of what is installed
# names where it came from.
RUN mkdir -p /image/app && mv node_modules dist package.json LICENSE migrations /image/app/ \
  && rm -f /image/app/node_modules/.package-lock.json && chmod -R u=rwX,go=rX /image

FROM ${BASE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /image/ /
# The record and the tokens. Declared, so that they can be written where the root cannot (--read-only) and nothing is mounted.
VOLUME /var/lib/conntrack-api
# Runs as root: the boot files belong to root, and CAP_NET_ADMIN given to a container reaches no other user, because Docker fills no
# ambient set. What root may do is cut down where the container is started: see docker-compose.yml.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.CONNTRACK_API_PORT ?? 8477}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
