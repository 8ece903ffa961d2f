# Serves a backend to hosts elsewhere, or a host itself: the arguments are those of `workport`.
# `npm run image` makes the folder that this is built in: package.json, dist and the production modules, nothing else.
FROM node:20-bookworm-slim
# Where it is found from: a module that is mounted anywhere imports `workport`.
WORKDIR /node_modules/workport
COPY . .
ENV NODE_ENV=production
USER node
WORKDIR /home/node
ENTRYPOINT ["node", "/node_modules/workport/dist/cli/main.js"]
CMD ["--help"]
