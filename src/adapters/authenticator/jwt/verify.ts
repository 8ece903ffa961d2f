import type { JWTPayload, JWTVerifyOptions, LocalJWKSet } from 'jose';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';

import { expiryOf } from './claims.js';
import type { KeySource } from './key-source.js';
import type { ResolvedJwtOptions } from './options.js';

/**
 * Whether a signature is spelled as its bytes are written. The rest of a token is signed as it stands; of one signature
 * there are other spellings without number, each of which would be a token of its own here.
 */
function isPlainlySigned(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

/** Whether a token may be one of this issuer that is still good. Nothing of it is proved; nothing is fetched for others. */
export function isCandidate(token: string, options: ResolvedJwtOptions, now: number): boolean {
  if (!isPlainlySigned(token)) return false;
  try {
    const { alg } = decodeProtectedHeader(token);
    const payload = decodeJwt(token);
    const known: readonly string[] = options.algorithms;
    return (
      alg !== undefined && known.includes(alg) && payload.iss === options.issuer && expiryOf(payload, options) > now
    );
  } catch {
    return false;
  }
}

const verifyOptions = (options: ResolvedJwtOptions, now: number): JWTVerifyOptions => ({
  issuer: options.issuer,
  audience: typeof options.audience === 'string' ? options.audience : [...options.audience],
  algorithms: [...options.algorithms],
  clockTolerance: options.clockToleranceMs / 1000,
  currentDate: new Date(now),
  requiredClaims: ['exp', 'sub'],
});

/** A token that names no key is tried with each that fits. */
async function verifyWith(token: string, keys: LocalJWKSet, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (several) {
    if (!(several instanceof errors.JWKSMultipleMatchingKeys)) throw several;
    for await (const key of several) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (cause) {
        if (!(cause instanceof errors.JWSSignatureVerificationFailed)) throw cause;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** Why a token is not good, and which claim says so. */
export interface Refusal {
  readonly reason: string;
  readonly claim?: string;
}

function refusalOf(cause: errors.JOSEError): Refusal {
  const claim = cause instanceof errors.JWTClaimValidationFailed ? cause.claim : undefined;
  return { reason: cause.code, ...(claim !== undefined && { claim }) };
}

/**
 * What a token says, or why it is not good. Rejects where that cannot be told: the issuer's
 * keys are not to be had, or cannot be used.
 */
export async function verify(
  token: string,
  source: KeySource,
  options: ResolvedJwtOptions,
  now: number,
): Promise<{ readonly payload: JWTPayload } | Refusal> {
  const wanted = verifyOptions(options, now);
  const keys = await source.current();
  try {
    try {
      return { payload: await verifyWith(token, keys, wanted) };
    } catch (cause) {
      const newer = cause instanceof errors.JWKSNoMatchingKey && (await source.after(keys));
      if (!newer) throw cause;
      return { payload: await verifyWith(token, newer, wanted) };
    }
  } catch (cause) {
    if (cause instanceof errors.JOSEError && !(cause instanceof errors.JWKSInvalid)) return refusalOf(cause);
    throw cause;
  }
}
