import type { Capabilities } from '../../../domain/worker/state.js';
import type { ExecutionFacts, Refused } from '../../../ports/execution-backend.js';
import type { WireCapabilities } from '../../../protocol/ebp.js';
import { methodNotFound } from './messages.js';
import type { Peer, Reply } from './peer.js';
import { disconnected, unsupported } from './refusals.js';
import type { Schema } from './schema.js';
import { WireError } from './wire-error.js';

/** The result of a reply, or how the request failed. Throws a `WireError` for what is not an answer at all (W16). */
export function resultOf<T>(peer: Peer, reply: Reply, schema: Schema<T>): T | Refused {
  switch (reply.type) {
    case 'result': {
      const parsed = schema.safeParse(reply.result);
      if (parsed.success) return parsed.data;
      peer.violation('result-invalid');
      throw new WireError('protocol-violation');
    }
    case 'error':
      if (reply.code === methodNotFound) return unsupported;
      throw new WireError('backend-fault', undefined, { cause: { code: reply.code, kind: kindOf(reply.data) } });
    case 'lost':
      return disconnected;
    case 'aborted':
      return { outcome: 'errored', code: 'backend-timeout' };
    case 'unsent':
      return reply.reason === 'too-large' ? { outcome: 'rejected', code: 'input-too-large' } : disconnected;
  }
}

/** What a JSON-RPC error says of itself, for the operator (E2). */
function kindOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('kind' in data)) return undefined;
  return typeof data.kind === 'string' ? data.kind.slice(0, 64) : undefined;
}

interface WireFacts {
  readonly capabilities: WireCapabilities;
  readonly codes?: readonly string[] | undefined;
  readonly recoverState?: ExecutionFacts['recoverState'];
}

/** A capability is declared by being there. */
export function factsOf({ capabilities, codes, recoverState }: WireFacts): ExecutionFacts {
  const declared: Capabilities = {
    cancel: capabilities.cancel !== undefined,
    stop: capabilities.stop !== undefined,
    recover: capabilities.recover !== undefined,
    questions: capabilities.questions !== undefined,
  };
  return { capabilities: declared, codes: codes ?? [], ...(recoverState === undefined ? {} : { recoverState }) };
}
