import type { JSONWebKeySet } from 'jose';

import { isName } from '../../../domain/ids.js';
import { isLoopback } from '../../../protocol/loopback.js';

/** Signatures that are checked with a public key: who can check one cannot make one. */
export const jwtAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;
export type JwtAlgorithm = (typeof jwtAlgorithms)[number];

interface IssuerOptions {
  /** Stands before the subject in the id of a principal, as `name:sub`; has no colon. */
  readonly name: string;
  /** What `iss` has to be. */
  readonly issuer: string;
  /** What `aud` has to be or to hold: one of these. */
  readonly audience: string | readonly string[];
  /** Those of `jwtAlgorithms` that are taken. All. */
  readonly algorithms?: readonly JwtAlgorithm[] | undefined;
  /** What stands before `read`, `input` and `control` in the claim `scope` or `scp`. `workport:`. */
  readonly scopePrefix?: string | undefined;
  /** The claim that lists the profiles whose Workers exist for its holder; without it in a token: none. */
  readonly profilesClaim?: string | undefined;
  /** The claim that says whether only Workers exist that its holder created: so it is unless it says `false`. */
  readonly ownClaim?: string | undefined;
  /** For all: only Workers of these profiles exist, and of them those that the claim lists. */
  readonly profiles?: readonly string[] | undefined;
  /** For all: only Workers exist that its holder created, whatever the claim says. */
  readonly own?: boolean | undefined;
  /** How far the issuer's clock may be off, in milliseconds: a token is good for so long after its `exp`. 5,000. */
  readonly clockToleranceMs?: number | undefined;
}

/** Either the one or the other. */
type IssuerKeys =
  | {
      /** Where the issuer's public keys are: `https:`, or `http:` on this machine. */
      readonly jwksUri: string;
      readonly keys?: undefined;
    }
  | {
      /** The issuer's public keys themselves. */
      readonly keys: JSONWebKeySet;
      readonly jwksUri?: undefined;
    };

/** Whose JWTs are taken, and what they grant. */
export type JwtOptions = IssuerOptions & IssuerKeys;

export type ResolvedJwtOptions = JwtOptions & {
  readonly algorithms: readonly JwtAlgorithm[];
  readonly scopePrefix: string;
  readonly clockToleranceMs: number;
};

/** Why keys are not fetched from there: whoever can change them on their way lets in whom they like. */
export function jwksUriProblem(uri: string): string | undefined {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))) return undefined;
  return 'has to be an address with https:, or with http: on this machine';
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const isKeySet = ({ keys }: { readonly keys?: unknown }): boolean => Array.isArray(keys) && keys.every(isObject);

/** Options with their defaults. Throws a `TypeError` for what is of the wrong form. */
export function resolveJwtOptions(options: JwtOptions): ResolvedJwtOptions {
  const { name, jwksUri, keys, algorithms = jwtAlgorithms } = options;
  const refuse = (problem: string): never => {
    throw new TypeError(`JWTs of ${JSON.stringify(name)}: ${problem}`);
  };
  if (!isName(name)) refuse('not a name');
  if ((jwksUri === undefined) === (keys === undefined)) refuse('either jwksUri or keys has to be there');
  if (keys && !isKeySet(keys)) refuse('keys have to be a JSON Web Key Set');
  const problem = jwksUri === undefined ? undefined : jwksUriProblem(jwksUri);
  if (problem !== undefined) refuse(`jwksUri ${problem}`);
  const other = algorithms.find((algorithm) => !jwtAlgorithms.includes(algorithm));
  if (other !== undefined || algorithms.length === 0) refuse(`algorithms have to be of ${jwtAlgorithms.join(', ')}`);
  const { scopePrefix = 'workport:', clockToleranceMs = 5_000 } = options;
  return { ...options, algorithms, scopePrefix, clockToleranceMs };
}
