import { Buffer } from 'node:buffer';

import type { Capabilities } from '../../../domain/worker/state.js';
import { LateAbort } from '../../../ports/abort.js';
import type { CallContext, ExecutionBackend, ExecutionFacts } from '../../../ports/execution-backend.js';
import type { Logger } from '../../../ports/logger.js';
import type { WireCapabilities } from '../../../protocol/ebp.js';
import type { Schema } from './schema.js';

export interface Faulted {
  readonly outcome: 'errored';
  readonly code: 'backend-fault';
}
/** What a host is told of a throw, and of an answer that has no meaning: nothing but that (B2). */
export const faulted: Faulted = { outcome: 'errored', code: 'backend-fault' };

const maxRecoverStateBytes = 64 * 1024;
const maxCauseChars = 2048;

/** Who hears the text of a failure: the operator of the host, by `log`. */
export interface Teller {
  tell(text: string): void;
}

/** The author's backend, asked so that nothing but an answer of the right shape comes back. */
export class Author {
  readonly backend: ExecutionBackend;
  readonly #logger: Logger;
  readonly #calls = new Set<LateAbort>();

  constructor(backend: ExecutionBackend, logger: Logger) {
    this.backend = backend;
    this.#logger = logger;
  }

  async ask<T>(
    method: string,
    schema: Schema<T>,
    teller: Teller | undefined,
    run: (backend: ExecutionBackend, call: CallContext) => Promise<object>,
  ): Promise<T | Faulted> {
    const call = new LateAbort();
    this.#calls.add(call);
    try {
      const outcome = await run(this.backend, contextOf(call));
      const parsed = schema.safeParse(onWire(outcome));
      if ('detail' in outcome && outcome.detail !== undefined) this.#report('refused', method, outcome.detail, teller);
      if (parsed.success) return parsed.data;
      this.#report('answered in a wrong shape', method, undefined, teller);
    } catch (cause) {
      this.#report('threw', method, cause, teller);
    } finally {
      this.#calls.delete(call);
    }
    return faulted;
  }

  /** Nobody waits for any answer any more. */
  abort(): void {
    for (const call of this.#calls) call.abort();
  }

  #report(what: string, method: string, cause: unknown, teller: Teller | undefined): void {
    this.#logger.warn('the backend failed or refused', { what, method, cause });
    teller?.tell(`${method} ${what}: ${describe(cause)}`.slice(0, maxCauseChars));
  }
}

const contextOf = (call: LateAbort): CallContext => ({
  get signal() {
    return call.signal;
  },
});

function describe(cause: unknown): string {
  try {
    if (cause instanceof Error) return cause.stack ?? cause.message;
    return typeof cause === 'string' ? cause : String(JSON.stringify(cause));
  } catch {
    return '';
  }
}

/** An author's outcome in the words of the wire. What is not one comes out as it is, and the schema says so. */
function onWire(outcome: object): object {
  if (!('outcome' in outcome)) return outcome;
  if (outcome.outcome === 'connected' || outcome.outcome === 'adopted')
    return withFacts(outcome as unknown as object & ExecutionFacts);
  // A refusal by value says that nothing ran; only a fault leaves that open, and it alone has this code on the wire.
  if ('code' in outcome && outcome.code === faulted.code) return { outcome: outcome.outcome };
  return outcome;
}

function withFacts<T extends object & ExecutionFacts>(outcome: T): object {
  const { capabilities, recoverState } = outcome;
  if (recoverState !== undefined && Buffer.byteLength(JSON.stringify(recoverState)) > maxRecoverStateBytes) return {};
  return { ...outcome, capabilities: declared(capabilities) };
}

export function declared(capabilities: Capabilities): WireCapabilities {
  const wire: WireCapabilities = {};
  for (const name of ['cancel', 'stop', 'recover', 'questions'] as const) if (capabilities[name]) wire[name] = {};
  return wire;
}
