# The image: a build stage with everything, and a runtime with Node, git, our compiled code and its production dependencies.
# It runs as an ordinary user on a read-only root file system; only the folder of the state needs to be writable, and /tmp:
#   docker run --read-only --tmpfs /tmp -v mailkeel-state:/var/lib/mailkeel -v "$PWD/config":/etc/mailkeel:ro mailkeel
# Every verb works in it: docker run --rm -v "$PWD":/workspace:ro mailkeel validate

ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/ scripts/
COPY schema/ schema/
COPY src/ src/
RUN npm run build

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /dependencies
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM ${NODE_IMAGE} AS runtime
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="mailkeel" \
      org.opencontainers.image.description="Keeps the e-mail connection between Dynamics 365 (on-premises) and Exchange Online as it is committed in git" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# git and ssh read the spec, gpg verifies who signed it (ssh-keygen is a part of ssh), tini is process 1: what git started and left behind would
# otherwise stay. Nothing is installed at run time, so nothing that installs packages of Node stays. The state belongs to the user that the
# image runs as.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git gpg openssh-client tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log \
 && rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* /usr/local/bin/yarn /usr/local/bin/yarnpkg \
 && mkdir -p /etc/mailkeel /workspace /var/lib/mailkeel \
 && chown 1000:1000 /var/lib/mailkeel

# Owned by root: the program cannot change itself.
COPY package.json LICENSE /app/
COPY schema/ /app/schema/
COPY --from=dependencies /dependencies/node_modules/ /app/node_modules/
COPY --from=build /build/dist/ /app/dist/


ENV NODE_ENV=production
WORKDIR /workspace
# By number, so that an orchestrator can see that it is not root.
USER 1000:1000
# Page, API and webhooks; metrics.
EXPOSE 8080 9090
# Asks /healthz where the configuration says that it is served. Kubernetes asks by itself and does not look at this.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["node", "/app/dist/daemon/http/health-check.js", "/etc/mailkeel/mailkeel.yaml"]
# The program handles SIGTERM and SIGINT itself; tini only passes them on.
ENTRYPOINT ["tini", "--", "node", "/app/dist/main.js"]
CMD ["run", "--config", "/etc/mailkeel/mailkeel.yaml"]
