import { rejected } from '../../../domain/outcome.js';
import type { BrowserGateway } from '../../../ports/browser-gateway.js';
import { bearerToken } from '../edge/access.js';
import type { Edge, EdgeDependencies } from '../edge/edge.js';
import { edgeOf } from '../edge/edge.js';
import { corsHeaders, preflightHeaders } from '../edge/origin.js';
import type { Upgrade } from '../websocket/upgrade.js';
import { judgeUpgrade } from '../websocket/upgrade.js';

import type { Call, Connection } from './call.js';
import { defect, problemReply } from './problem.js';
import type { Reply } from './reply.js';
import { emptyReply, jsonReply, responseOf } from './reply.js';
import { router } from './router.js';
import { routes } from './routes.js';

/** The browser API as a function: it embeds in any host that speaks in `Request` and `Response`. Never rejects. */
export interface HttpHandler {
  (request: Request, connection?: Connection): Promise<Response>;
  /** The same answer, not yet in the form of a `Response`. */
  reply(request: Request, connection?: Connection): Promise<Reply>;
  /** Judges a request for an upgrade to the WebSocket `workport.v1`. Another part opens the socket. */
  upgrade(request: Request, connection?: Connection): Upgrade;
  /** Whether callers have to say who they are. */
  readonly isAuthenticated: boolean;
  /** Ends the live streams and WebSockets, and those that are opened later, with `server-draining`. Everything else goes on. */
  drain(): void;
}

const base = '/api/v1';
const findRoute = router(routes);

async function readiness(gateway: BrowserGateway, signal: AbortSignal): Promise<Reply> {
  const answer = await gateway.read({ type: 'runtimes' }, { signal });
  const ready = answer.outcome === 'answered' && answer.runtimes.every((runtime) => runtime.ready && !runtime.draining);
  return jsonReply(ready ? 200 : 503, { ready });
}

/** What is outside the API: nobody has to say who they are. */
async function serveOutside(request: Request, path: string, gateway: BrowserGateway): Promise<Reply> {
  if (path !== '/healthz' && path !== '/readyz') return problemReply(rejected('route-unknown'));
  if (request.method !== 'GET') return problemReply(rejected('method-not-allowed'), { allow: 'GET' });
  return path === '/healthz' ? jsonReply(200, { live: true }) : readiness(gateway, request.signal);
}

async function serveApi(
  { request, url, connection }: Pick<Call, 'request' | 'url' | 'connection'>,
  edge: Edge,
): Promise<Reply> {
  const admitted = await edge.admit(bearerToken(request), request.signal);
  if (!admitted) return problemReply(rejected('unauthenticated'));
  const match = findRoute(request.method, url.pathname.slice(base.length));
  if (!match) return problemReply(rejected('route-unknown'));
  if ('allow' in match) return problemReply(rejected('method-not-allowed'), { allow: match.allow });
  return match.route.handle({ request, url, connection, edge, ...admitted }, match.parameters);
}

const allow = (reply: Reply, origin: string): Reply => ({
  ...reply,
  headers: { ...reply.headers, ...corsHeaders(origin) },
});

/** Serves the browser API of `gateway`, which is what `/readyz` asks. */
export function httpHandler(dependencies: EdgeDependencies): HttpHandler {
  const { gateway } = dependencies;
  const edge = edgeOf(dependencies);
  const { logger, origins } = edge;

  async function serve(request: Request, url: URL, connection: Connection): Promise<Reply> {
    try {
      const isApi = url.pathname === base || url.pathname.startsWith(`${base}/`);
      if (!isApi) return await serveOutside(request, url.pathname, gateway);
      return await serveApi({ request, url, connection }, edge);
    } catch (error) {
      if (request.signal.aborted) return problemReply(rejected('request-timeout'));
      return problemReply(defect(request.method === 'GET' ? 'no' : 'unknown', edge.defect(error)));
    }
  }

  async function reply(request: Request, connection: Connection = {}): Promise<Reply> {
    const url = new URL(request.url);
    const origin = origins.check(request, url, connection.localPort);
    if (origin === 'refused') {
      const { headers } = request;
      logger.debug('host or origin refused', { host: headers.get('host'), origin: headers.get('origin') });
      return problemReply(rejected('forbidden'));
    }
    if (origin === 'own') return serve(request, url, connection);
    if (request.method === 'OPTIONS') return emptyReply(204, preflightHeaders(origin.origin));
    return allow(await serve(request, url, connection), origin.origin);
  }

  const handle = async (request: Request, connection?: Connection): Promise<Response> =>
    responseOf(await reply(request, connection));
  return Object.assign(handle, {
    reply,
    upgrade: (request: Request, connection: Connection = {}) =>
      judgeUpgrade(request, connection, edge, `${base}/socket`),
    isAuthenticated: edge.isAuthenticated,
    drain: () => edge.streams.drain(),
  });
}
