FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No package needs its install script; the SQLite binding's, which npm makes up, would want a compiler although the compiled file is in the
# package. The bundler of the page comes as optional packages, one for each platform; so does a copy of Node.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY web web
# Also what stays has optional packages: koffi's binary is one. The copies of Node are all that goes.
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY migrations migrations
# Runs as root: the boot files belong to root, and CAP_NET_ADMIN given to a container reaches no other user, because Docker fills no
# ambient set. What root may do is cut down where the container is started: see docker-compose.yml.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.CONNTRACK_API_PORT ?? 8477}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
