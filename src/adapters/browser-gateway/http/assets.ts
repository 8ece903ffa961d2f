import { createHash } from 'node:crypto';

import type { Asset } from '../edge/asset.js';
import type { HeaderFields, Reply } from '../edge/reply.js';
import { securityHeaders } from '../edge/security-headers.js';

/** Nothing but what this host serves runs, is shown or is asked, and no text can become markup or code. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

interface Served {
  readonly tag: string;
  readonly headers: HeaderFields;
  readonly body: string;
}

function servedOf({ contentType, body }: Asset): Served {
  const tag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  const headers = {
    ...securityHeaders,
    'cache-control': 'no-cache',
    'content-security-policy': contentSecurityPolicy,
    'content-type': contentType,
    'cross-origin-opener-policy': 'same-origin',
    etag: tag,
  };
  return { tag, headers, body };
}

/** Whether a browser has it already: a proxy may have made the tag a weak one, and may name several (RFC 9110, 13.1.2). */
const isKnown = (asked: string | null, tag: string): boolean =>
  asked !== null && asked.split(',').some((known) => known.trim().replace(/^W\//, '') === tag);

/** Answers for the path of an asset; `undefined` for any other. A browser that has the same one still is told so. */
export function assetReplies(assets: readonly Asset[]): (request: Request, path: string) => Reply | undefined {
  const servedAt = new Map(assets.map((asset) => [asset.path, servedOf(asset)]));
  return ({ headers: asked }, path) => {
    const served = servedAt.get(path);
    if (!served) return undefined;
    const { headers, tag, body } = served;
    return isKnown(asked.get('if-none-match'), tag)
      ? { status: 304, headers, body: null }
      : { status: 200, headers, body };
  };
}
