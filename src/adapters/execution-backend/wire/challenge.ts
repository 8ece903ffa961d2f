import { Buffer } from 'node:buffer';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import { helloParams, helloResult, proveParams } from '../../../protocol/ebp.js';
import type { Peer } from './peer.js';
import { WireError } from './wire-error.js';

/** What both ends of a connection know, and nobody on the path. */
export interface SharedKey {
  /** Names it to the other end, and is not secret: `[A-Za-z0-9._-]{1,64}`. */
  readonly id: string;
  /** At least 32 random bytes. */
  readonly secret: Uint8Array;
}

type Role = 'backend' | 'host';
interface Nonces {
  readonly keyId: string;
  readonly clientNonce: string;
  readonly serverNonce: string;
}

const nonceBytes = 32;
const newNonce = (): string => randomBytes(nonceBytes).toString('base64url');

/** What shows that one knows the key, for this connection alone. */
export function proofOf(secret: Uint8Array, role: Role, { keyId, clientNonce, serverNonce }: Nonces): string {
  const said = JSON.stringify(['workport-ebp/1', role, keyId, clientNonce, serverNonce]);
  return createHmac('sha256', secret).update(said, 'utf8').digest('base64url');
}

/** In the same time, whatever differs. */
function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The host's side: shows that it has the key, to a backend that has shown so before. Rejects with a `WireError`. */
export async function prove(peer: Peer, key: SharedKey, signal: AbortSignal): Promise<void> {
  const clientNonce = newNonce();
  const asked = await peer.request('auth/hello', { keyId: key.id, clientNonce }, signal);
  if (asked.type === 'aborted') throw new WireError('handshake-timeout');
  const hello = asked.type === 'result' ? helloResult.safeParse(asked.result) : undefined;
  if (!hello?.success) throw asked.type === 'lost' ? await peer.closed : new WireError('unauthorized');
  const { serverNonce, proof } = hello.data;
  const nonces = { keyId: key.id, clientNonce, serverNonce };
  if (!isSame(proof, proofOf(key.secret, 'backend', nonces))) throw new WireError('unauthorized');
  const proved = await peer.request('auth/prove', { proof: proofOf(key.secret, 'host', nonces) }, signal);
  if (proved.type === 'aborted') throw new WireError('handshake-timeout');
  if (proved.type !== 'result') throw proved.type === 'lost' ? await peer.closed : new WireError('unauthorized');
}

/**
 * The backend's side, for one connection. A key that is not known is challenged like one that is, so that nobody
 * learns which there are; each step is taken once, in order.
 */
export class Challenge {
  /** The key that the host has shown to have. */
  proven: SharedKey | undefined;
  readonly #keys: readonly SharedKey[];
  #asked: { readonly key: SharedKey; readonly isKnown: boolean; readonly nonces: Nonces } | undefined;

  constructor(keys: readonly SharedKey[]) {
    this.#keys = keys;
  }

  /** The result of a request; `undefined` ends the connection. */
  answer(method: string, params: unknown): object | undefined {
    if (method === 'auth/hello' && !this.#asked) return this.#hello(params);
    return method === 'auth/prove' && this.#asked && !this.proven ? this.#prove(params) : undefined;
  }

  #hello(params: unknown): object | undefined {
    const parsed = helloParams.safeParse(params);
    if (!parsed.success) return undefined;
    const { keyId, clientNonce } = parsed.data;
    const known = this.#keys.find(({ id }) => id === keyId);
    const key = known ?? { id: keyId, secret: randomBytes(nonceBytes) };
    const nonces = { keyId, clientNonce, serverNonce: newNonce() };
    this.#asked = { key, isKnown: known !== undefined, nonces };
    return { serverNonce: nonces.serverNonce, proof: proofOf(key.secret, 'backend', nonces) };
  }

  #prove(params: unknown): object | undefined {
    const parsed = proveParams.safeParse(params);
    if (!parsed.success || !this.#asked) return undefined;
    const { key, isKnown, nonces } = this.#asked;
    if (!isSame(parsed.data.proof, proofOf(key.secret, 'host', nonces)) || !isKnown) return undefined;
    this.proven = key;
    return {};
  }
}
