import { createHash } from 'node:crypto';

import { openApiSchema } from '../../../../protocol/browser-components.js';
import { documentHeadersSchema, emptyQuerySchema } from '../../../../protocol/browser-requests.js';
import { emptyReply, encodedReply } from '../../edge/reply.js';
import { reading } from '../endpoint.js';
import type { EndpointFor } from '../endpoint.js';

import type { DescribedRoute } from './document.js';
import { openApiDocument } from './document.js';

interface Made {
  readonly json: string;
  readonly etag: string;
}

function make(routes: readonly DescribedRoute[], base: string): Made {
  const json = JSON.stringify(openApiDocument(routes, base));
  return { json, etag: `"${createHash('sha256').update(json).digest('base64url').slice(0, 22)}"` };
}

const described = { etag: 'Changes with the document' };

/** The document of `routes`, made when it is first asked for. */
export function documentEndpoint(routes: () => readonly DescribedRoute[], base: string): EndpointFor<'nothing'> {
  let made: Made | undefined;
  return reading({
    operationId: 'readOpenApi',
    summary: 'This document',
    needs: 'nothing',
    place: () => ({ value: undefined }),
    query: emptyQuerySchema,
    headers: documentHeadersSchema,
    answers: {
      200: { description: 'An OpenAPI 3.1 document', schema: openApiSchema, headers: described },
      304: { description: 'It is the one that `If-None-Match` names', headers: described },
    },
    codes: [],
    run: (call) => {
      const { json, etag } = (made ??= make(routes(), base));
      const headers = { etag, 'cache-control': 'no-cache' };
      const known = call.request.headers.get('if-none-match')?.split(',') ?? [];
      const isKnown = known.some((tag) => [etag, '*'].includes(tag.trim().replace(/^W\//, '')));
      return Promise.resolve(isKnown ? emptyReply(304, headers) : encodedReply(200, json, headers));
    },
  });
}
