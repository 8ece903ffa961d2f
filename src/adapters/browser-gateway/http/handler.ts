import { rejected } from '../../../domain/outcome.js';
import { bearerToken } from '../edge/access.js';
import { admission } from '../edge/admission.js';
import type { EdgeDependencies } from '../edge/edge.js';
import { edgeOf } from '../edge/edge.js';
import { corsHeaders, preflightHeaders } from '../edge/origin.js';
import type { Upgrade } from '../websocket/upgrade.js';
import { judgeUpgrade } from '../websocket/upgrade.js';
import type { Connection } from '../edge/connection.js';
import { defect, problemReply } from '../edge/problem.js';
import type { Reply } from '../edge/reply.js';
import { emptyReply, responseOf } from '../edge/reply.js';
import type { Asset } from '../edge/asset.js';

import type { AnonymousCall } from './call.js';
import { assetReplies } from './assets.js';
import { router } from './router.js';
import { base, probes, routes } from './routes.js';

export type HttpDependencies = EdgeDependencies & {
  /** What is served beside the API, as the console is (`consoleAssets`). */
  readonly assets?: readonly Asset[] | undefined;
};

/** The browser API as a function: it embeds in any host that speaks in `Request` and `Response`. Never rejects. */
export interface HttpHandler {
  (request: Request, connection?: Connection): Promise<Response>;
  /** The same answer, not yet in the form of a `Response`. */
  reply(request: Request, connection?: Connection): Promise<Reply>;
  /** Judges a request for an upgrade to the WebSocket `workport.v1`. Another part opens the socket. */
  upgrade(request: Request, connection?: Connection): Upgrade;
  /** Whether callers have to say who they are. */
  readonly needsToken: boolean;
  /** Ends the live streams and WebSockets, and those that are opened later, with `server-draining`. Everything else goes on. */
  drain(): void;
}

const findRoute = router(routes);
const findProbe = router(probes);

const notFound = rejected('route-unknown');
const notAllowed = (allow: string): Reply => problemReply(rejected('method-not-allowed'), { allow });

/** What is outside the API, beside the assets: nobody has to say who they are. */
async function serveProbe(call: AnonymousCall): Promise<Reply> {
  const match = findProbe(call.request.method, call.url.pathname);
  if (!match) return problemReply(notFound);
  return 'allow' in match ? notAllowed(match.allow) : match.route.endpoint.handle(call, match.parameters);
}

async function serveApi(call: AnonymousCall): Promise<Reply> {
  const { request, url, edge } = call;
  const match = findRoute(request.method, url.pathname.slice(base.length));
  if (match && 'route' in match && match.route.endpoint.needs === 'nothing') {
    return await match.route.endpoint.handle(call, match.parameters);
  }
  const admitted = await admission(bearerToken(request), edge, request.signal);
  if (!admitted) return problemReply(rejected('unauthenticated'));
  if (!match) return problemReply(notFound);
  if ('allow' in match) return notAllowed(match.allow);
  return await match.route.endpoint.handle({ ...call, ...admitted }, match.parameters);
}

const allow = (reply: Reply, origin: string): Reply => ({
  ...reply,
  headers: { ...reply.headers, ...corsHeaders(origin) },
});

/** Serves the browser API. */
export function httpHandler({ assets = [], ...dependencies }: HttpDependencies): HttpHandler {
  const edge = edgeOf(dependencies);
  const assetReply = assetReplies(assets);

  async function serveOutside(call: AnonymousCall): Promise<Reply> {
    const asset = assetReply(call.request, call.url.pathname);
    if (!asset) return serveProbe(call);
    return call.request.method === 'GET' ? asset : notAllowed('GET');
  }

  async function serve(request: Request, url: URL, connection: Connection): Promise<Reply> {
    try {
      const isApi = url.pathname === base || url.pathname.startsWith(`${base}/`);
      const call = { request, url, connection, edge };
      return await (isApi ? serveApi(call) : serveOutside(call));
    } catch (error) {
      if (request.signal.aborted) return problemReply(rejected('request-timeout'));
      return problemReply(defect(request.method === 'GET' ? 'no' : 'unknown', edge.reportDefect(error)));
    }
  }

  async function reply(request: Request, connection: Connection = {}): Promise<Reply> {
    const url = new URL(request.url);
    const origin = edge.originOf(request, connection);
    if (origin === 'refused') return problemReply(rejected('forbidden'));
    if (origin === 'own') return await serve(request, url, connection);
    if (request.method === 'OPTIONS') return emptyReply(204, preflightHeaders(origin.origin));
    return allow(await serve(request, url, connection), origin.origin);
  }

  const handle = async (request: Request, connection?: Connection): Promise<Response> =>
    responseOf(await reply(request, connection));
  return Object.assign(handle, {
    reply,
    upgrade: (request: Request, connection: Connection = {}) =>
      judgeUpgrade(request, connection, edge, `${base}/socket`),
    needsToken: edge.needsToken,
    drain: () => edge.streams.drain(),
  });
}
