# One image for both stages. For a build that comes out the same again, pin it:
#   docker build --build-arg NODE_IMAGE=node:24-slim@sha256:… --build-arg VERSION=0.1.0 .
ARG NODE_IMAGE=node:24-slim

# Build: everything that is needed to compile, none of which goes into the image.
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/can-build.mjs ./scripts/
COPY src ./src
RUN npm run build
RUN npm prune --omit=dev
# Built files for other systems, and the C they were built from: most of what would be copied.
RUN cd node_modules/@photostructure/sqlite && rm -rf src && find prebuilds -mindepth 1 -maxdepth 1 -not -name "linux-$(node -p process.arch)" -exec rm -rf {} +

FROM ${NODE_IMAGE}
ARG VERSION=unknown
LABEL org.opencontainers.image.title="wecom-tag-bot" \
      org.opencontainers.image.description="企业微信客户标签助手" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
# The health check asks this port; publish it as another one outside (docker run -p 8080:3000) if you like.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
# The only place the program writes to. A named volume takes over its owner and mode.
RUN install -d -o node -g node -m 700 data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY config/example.yaml ./config/
USER node
VOLUME /app/data
EXPOSE 3000
# Up, not ready: a wrong secret or an unreachable platform must not make the supervisor restart the bot in circles.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# `docker run IMAGE doctor` and every other command work as they stand.
ENTRYPOINT ["./dist/cli.js"]
CMD ["serve"]
