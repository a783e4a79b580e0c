# One image for api, matcher, writer and the migration; the command chooses. Node runs the TypeScript as it is, so
# there is nothing to build: the first stage only installs the dependencies, without npm's leftovers.

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The optional packages are a Node and a PostgreSQL for machines without containers.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

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
COPY scripts ./scripts
USER node
EXPOSE 3000 3001 3002
CMD ["node", "api/main.ts"]
