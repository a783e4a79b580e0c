# One image for api, matcher, writer and the migration; the command chooses. Node runs the TypeScript as it is: only the
# page is built, and only production dependencies go into the image.

FROM node:24-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY clients/typescript/package.json ./clients/typescript/
COPY web/package.json ./web/

FROM manifests AS dependencies
# The optional packages are a Node and a PostgreSQL for machines without containers.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM manifests AS page
RUN npm ci --omit=optional --ignore-scripts --no-audit --no-fund
COPY clients ./clients
COPY web ./web
COPY scripts ./scripts
RUN node scripts/page.ts

FROM node:24-slim
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
USER node
EXPOSE 3000 3001 3002 50051
CMD ["node", "api/main.ts"]
