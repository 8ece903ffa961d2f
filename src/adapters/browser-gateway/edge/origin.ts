import { isLoopback } from '../../../protocol/loopback.js';

import type { HeaderFields } from './reply.js';

/** Which names and pages may ask: DNS rebinding and pages of other sites are refused before anything is looked at. */
export interface OriginCheck {
  check(request: Request, localPort: number | undefined): Origin;
}

/** The origin, where it is a listed one and so gets CORS; `own` where there is none or it is the server's own. */
export type Origin = { readonly origin: string } | 'own' | 'refused';

const hostPattern = /^(\[[0-9a-f:.]+\]|[^:]+)(?::([0-9]{1,5}))?$/;

function hostAllows(host: string, hosts: ReadonlySet<string>, localPort: number | undefined): boolean {
  const match = hostPattern.exec(host);
  const name = match?.[1];
  if (name === undefined) return false;
  if (hosts.has(host) || hosts.has(name)) return true;
  const port = Number(match?.[2] ?? 80);
  return isLoopback(name) && (localPort === undefined || port === localPort);
}

export function originCheck(options: {
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
}): OriginCheck {
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  const origins = new Set(options.origins.map((origin) => origin.toLowerCase()));
  return {
    check(request, localPort) {
      const host = (request.headers.get('host') ?? new URL(request.url).host).toLowerCase();
      if (!hostAllows(host, hosts, localPort)) return 'refused';
      const origin = request.headers.get('origin')?.toLowerCase();
      if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return 'own';
      return origins.has(origin) ? { origin } : 'refused';
    },
  };
}

export const corsHeaders = (origin: string): HeaderFields => ({
  'access-control-allow-origin': origin,
  'access-control-expose-headers': 'location, retry-after',
  'cross-origin-resource-policy': 'cross-origin',
  vary: 'origin',
});

export const preflightHeaders = (origin: string): HeaderFields => ({
  ...corsHeaders(origin),
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, last-event-id',
  'access-control-max-age': '600',
});
