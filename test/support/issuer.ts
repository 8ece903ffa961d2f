import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { CryptoKey, JWK } from 'jose';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

export const audience = 'https://workport.example';

interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function signingKey(kid: string, alg: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** An issuer of JWTs on this machine, and the server of its public keys. */
export async function issuer(now: () => number = Date.now) {
  const keys = new Map<string, SigningKey>();
  const published = new Set<string>();
  let served = 0;
  let broken: { readonly status: number; readonly body: string } | undefined;
  const server = createServer((_request, response) => {
    served += 1;
    const jwks = JSON.stringify({ keys: [...published].map((kid) => keys.get(kid)?.jwk) });
    response.writeHead(broken?.status ?? 200, { 'content-type': 'application/json' }).end(broken?.body ?? jwks);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function makeKey(kid: string, { alg = 'ES256', isPublished = true } = {}): Promise<void> {
    keys.set(kid, await signingKey(kid, alg));
    if (isPublished) published.add(kid);
  }
  await makeKey('first');
  return {
    url,
    jwksUri: `${url}/keys`,
    makeKey,
    publish: (kid: string) => void published.add(kid),
    withdraw: (kid: string) => void published.delete(kid),
    jwk: (kid: string) => keys.get(kid)?.jwk,
    /** How often the keys were asked for. */
    get served() {
      return served;
    },
    /** From now on the server answers so; without an argument as usual again. */
    fail: (answer?: { readonly status: number; readonly body: string }) => void (broken = answer),
    /** A token that is good for an hour, but for what is said here. */
    sign(
      claims: Readonly<Record<string, unknown>> = {},
      { kid = 'first', header = {} }: { kid?: string; header?: object } = {},
    ) {
      const key = keys.get(kid);
      if (!key) throw new Error(`no key ${kid}`);
      const seconds = Math.floor(now() / 1000);
      const payload = { iss: url, aud: audience, sub: 'ada', iat: seconds, exp: seconds + 3600, ...claims };
      return new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid, ...header }).sign(key.privateKey);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
