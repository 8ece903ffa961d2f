import { maxSocketMessageBytes, socketCloseCodes, socketProtocol } from '../../../../protocol/browser-socket.js';
import { socketMessageSchema, socketRequestSchema } from '../../../../protocol/browser-socket.js';
import { version } from '../../../../protocol/version.js';
import type { Description } from '../endpoint.js';

import { components, reference } from './json-schemas.js';
import { operation } from './operation.js';

/** A route by its whole path. */
export interface DescribedRoute {
  readonly method: string;
  readonly path: string;
  readonly description: Description;
}

const info = {
  title: 'Workport browser API',
  version,
  license: { name: 'MIT', identifier: 'MIT' },
  description: [
    'Workers of every Runtime that this host serves. Unknown keys of a request are refused. Every refusal is a Problem',
    '(RFC 9457) whose `code` is frozen within a major version. The scope that an operation needs stands beside its',
    'security scheme. A path that is not here answers 404 `route-unknown`, a method that is not here 405',
    '`method-not-allowed` with `Allow`. `x-workport-socket` describes the WebSocket, which carries many streams at once.',
  ].join(' '),
};

const socket = (path: string) => ({
  path,
  subprotocol: socketProtocol,
  maxMessageBytes: maxSocketMessageBytes,
  clientMessage: reference(socketRequestSchema),
  serverMessage: reference(socketMessageSchema),
  closeCodes: socketCloseCodes,
});

function paths(routes: readonly DescribedRoute[]): Readonly<Record<string, object>> {
  const found: Record<string, Record<string, object>> = {};
  for (const { method, path, description } of routes) {
    const place = (found[path] ??= {});
    place[method.toLowerCase()] = operation(path, description);
  }
  return found;
}

/** The whole API as an OpenAPI 3.1 document. */
export const openApiDocument = (routes: readonly DescribedRoute[], base: string) => ({
  openapi: '3.1.1',
  info,
  servers: [{ url: '/' }],
  paths: paths(routes),
  components: {
    schemas: components(),
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
  },
  'x-workport-socket': socket(`${base}/socket`),
});
