import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { nkeys } from '@nats-io/transport-node';
import { expect, test } from 'vitest';

import { connectNats } from '../../src/adapters/nats/index.js';
import type { NatsServerOptions } from '../../src/adapters/nats/index.js';
import { systemClock } from '../../src/ports/clock.js';
import { nullLogger } from '../../src/ports/logger.js';
import { selfSigned } from '../support/certificate.js';
import { natsPrograms, natsServer } from '../support/nats-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const { isHere } = natsPrograms['nats-server'];
type Key = ReturnType<typeof nkeys.createUser>;

const refused = { problem: 'denied', message: expect.stringContaining('refuses the credentials') as string };

/** Says whether the server lets somebody in, by what it answers. */
async function entering(address: string, options: Omit<NatsServerOptions, 'servers'> = {}): Promise<unknown> {
  const named = { name: 'test', clock: systemClock, logger: nullLogger };
  try {
    const connection = await connectNats({ servers: [address], ...options, ...named });
    const { serverVersion } = connection;
    await connection.close();
    return serverVersion;
  } catch (cause) {
    return cause;
  }
}
const letIn = expect.stringMatching(/^\d+\.\d+\.\d+/u) as string;

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url');

/** A claim about one key, vouched for by another one, as a NATS server reads it. */
function vouched(by: Key, about: Key, name: string, nats: object): string {
  const [iss, sub] = [by.getPublicKey(), about.getPublicKey()];
  const claim = { jti: name, iat: Math.floor(Date.now() / 1000), iss, name, sub, nats: { version: 2, ...nats } };
  const signed = `${base64('{"typ":"JWT","alg":"ed25519-nkey"}')}.${base64(JSON.stringify(claim))}`;
  return `${signed}.${base64(by.sign(new TextEncoder().encode(signed)))}`;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test.runIf(isHere)('a server that wants a token lets in who has it [needs nats-server]', async () => {
  await using server = await natsServer({ jetStream: false, config: ['authorization { token: hunter2 }'] });
  expect(await entering(server.address, { token: 'hunter2' })).toEqual(letIn);
  for (const options of [{}, { token: 'wrong' }, { user: 'hunter2' }]) {
    expect(await entering(server.address, options)).toMatchObject(refused);
  }
});

test.runIf(isHere)('a server that knows an nkey lets in who has its seed [needs nats-server]', async () => {
  const folder = await temporaryFolder();
  const [known, unknown] = [nkeys.createUser(), nkeys.createUser()];
  const config = [`authorization { users: [{ nkey: ${known.getPublicKey()} }] }`];
  await using server = await natsServer({ jetStream: false, config });
  const fileOf = async (key: Key, name: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, `${textOf(key.getSeed())}\n`);
    return file;
  };
  expect(await entering(server.address, { nkeyFile: await fileOf(known, 'known.nk') })).toEqual(letIn);
  expect(await entering(server.address, { nkeyFile: await fileOf(unknown, 'unknown.nk') })).toMatchObject(refused);
  expect(await entering(server.address, { nkeyFile: join(folder, 'none.nk') })).toMatchObject({
    problem: 'denied',
    message: expect.stringContaining('cannot be read') as string,
  });
});

test.runIf(isHere)(
  'a server that asks its operator lets in who has credentials of an account [needs nats-server]',
  async () => {
    const folder = await temporaryFolder();
    const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
    const unlimited = { subs: -1, data: -1, payload: -1 };
    const limits = { ...unlimited, conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true };
    const config = [
      `operator: ${vouched(operator, operator, 'operator', { type: 'operator' })}`,
      'resolver: MEMORY',
      `resolver_preload: { ${account.getPublicKey()}: ${vouched(operator, account, 'account', { type: 'account', limits })} }`,
    ];
    await using server = await natsServer({ jetStream: false, config });
    const credsOf = async (by: Key, name: string): Promise<string> => {
      const file = join(folder, name);
      const token = vouched(by, user, 'user', { type: 'user', ...unlimited });
      const lines = ['-----BEGIN NATS USER JWT-----', token, '------END NATS USER JWT------', ''];
      const seed = ['-----BEGIN USER NKEY SEED-----', textOf(user.getSeed()), '------END USER NKEY SEED------', ''];
      await writeFile(file, [...lines, ...seed].join('\n'));
      return file;
    };
    expect(await entering(server.address, { credsFile: await credsOf(account, 'known.creds') })).toEqual(letIn);
    const other = await credsOf(nkeys.createAccount(), 'unknown.creds');
    expect(await entering(server.address, { credsFile: other })).toMatchObject(refused);
  },
);

test.runIf(isHere)(
  'a server with a certificate is entered by who trusts it, and with one of their own [needs nats-server]',
  async () => {
    const { certFile, keyFile } = selfSigned(await temporaryFolder());
    const files = `cert_file: ${JSON.stringify(certFile)}, key_file: ${JSON.stringify(keyFile)}`;
    await using open = await natsServer({ jetStream: false, config: [`tls { ${files} }`] });
    expect(await entering(open.address, { tls: { caFile: certFile } })).toEqual(letIn);
    for (const tls of [undefined, true] as const) {
      expect(await entering(open.address, { tls })).toMatchObject({ problem: 'unreachable' });
    }
    const verifying = [`tls { ${files}, ca_file: ${JSON.stringify(certFile)}, verify: true }`];
    await using closed = await natsServer({ jetStream: false, config: verifying });
    expect(await entering(closed.address, { tls: { caFile: certFile, certFile, keyFile } })).toEqual(letIn);
    expect(await entering(closed.address, { tls: { caFile: certFile } })).toBeInstanceOf(Error);
  },
);

test.runIf(isHere)('who requires TLS does not speak with a server that has none [needs nats-server]', async () => {
  await using server = await natsServer({ jetStream: false });
  expect(await entering(server.address, { tls: true })).toBeInstanceOf(Error);
});
