import { randomBytes } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { linkedPair } from '../../../../src/adapters/execution-backend/in-memory/linked-pair.js';
import type { SharedKey } from '../../../../src/adapters/execution-backend/wire/challenge.js';
import { proofOf } from '../../../../src/adapters/execution-backend/wire/challenge.js';
import { wireBackend } from '../../../../src/adapters/execution-backend/wire/host-end.js';
import { backendServer } from '../../../../src/adapters/execution-backend/wire/serving-end.js';
import { BackendId } from '../../../../src/domain/ids.js';
import type { Line, RawEnd } from './raw-end.js';
import { initialize, rawBackend, rawHost } from './raw-end.js';
import { RecordingLogger, ScriptedBackend } from './support.js';

const newKey = (id = 'one'): SharedKey => ({ id, secret: randomBytes(32) });
const nonce = (): string => randomBytes(32).toString('base64url');

function serve(keys?: readonly SharedKey[]) {
  const author = new ScriptedBackend();
  const logger = new RecordingLogger();
  const server = backendServer(author, { logger });
  const opened: (string | undefined)[] = [];
  const connect = () => {
    const { raw, transport } = rawHost();
    return { raw, ended: server.accept(transport, { keys, onOpen: (owner) => opened.push(owner) }) };
  };
  return { author, logger, server, opened, connect };
}

const hello = (keyId: string, clientNonce = nonce(), id = 1) => ({
  id,
  method: 'auth/hello',
  params: { keyId, clientNonce },
});
const prove = (proof: string, id = 2) => ({ id, method: 'auth/prove', params: { proof } });

/** Says hello and answers what both proofs are made of. */
async function greeted(raw: RawEnd, keyId: string) {
  const clientNonce = nonce();
  raw.send(hello(keyId, clientNonce));
  const { result } = await raw.answer(1);
  return {
    proof: String(result?.['proof']),
    nonces: { keyId, clientNonce, serverNonce: String(result?.['serverNonce']) },
  };
}

describe('a server with keys', () => {
  test('shows its key first, and lets in who shows the same', async () => {
    const key = newKey();
    const { connect, opened } = serve([newKey('other'), key]);
    const { raw } = connect();
    const { proof, nonces } = await greeted(raw, key.id);
    expect(proof).toBe(proofOf(key.secret, 'backend', nonces));
    raw.send(prove(proofOf(key.secret, 'host', nonces)), initialize(3));
    expect((await raw.answer(2)).result).toEqual({});
    expect((await raw.answer(3)).result).toMatchObject({ protocolVersion: 1 });
    expect(opened).toEqual(['one']);
  });

  const key = newKey();
  const refused: readonly (readonly [string, (raw: RawEnd) => Promise<void> | void])[] = [
    [
      'who proves a wrong key',
      async (raw) => raw.send(prove(proofOf(newKey().secret, 'host', (await greeted(raw, 'one')).nonces))),
    ],
    [
      'who has a key that is not known',
      async (raw) => raw.send(prove(proofOf(key.secret, 'host', (await greeted(raw, 'two')).nonces))),
    ],
    ['who gives the proof of the backend back', async (raw) => raw.send(prove((await greeted(raw, 'one')).proof))],
    [
      'who repeats a proof of another connection',
      async (raw) => {
        const { raw: other } = serve([key]).connect();
        const { nonces } = await greeted(other, 'one');
        raw.send(hello('one', nonces.clientNonce));
        await raw.answer(1);
        raw.send(prove(proofOf(key.secret, 'host', nonces)));
      },
    ],
    [
      'who says hello twice',
      async (raw) => {
        await greeted(raw, 'one');
        raw.send(hello('one', nonce(), 2));
      },
    ],
  ];

  test.each(refused)('closes without a word to %s', async (_, offend) => {
    const { connect, opened, author } = serve([key]);
    const { raw, ended } = connect();
    await offend(raw);
    expect((await ended).kind).toBe('unauthorized');
    await raw.closed();
    expect(raw.lines).toHaveLength(1);
    expect({ opened, calls: author.calls }).toEqual({ opened: [], calls: [] });
  });

  test('answers a known and an unknown key in the same form, byte for byte but for nonce and proof', async () => {
    const { connect } = serve([key]);
    const forms = await Promise.all(
      ['one', 'two'].map(async (keyId) => {
        const { raw } = connect();
        const { nonces, proof } = await greeted(raw, keyId);
        raw.send(prove(nonce()));
        await raw.closed();
        return raw.raw.join('').replace(nonces.serverNonce, 'NONCE').replace(proof, 'PROOF');
      }),
    );
    expect(forms[0]).toBe('{"jsonrpc":"2.0","id":1,"result":{"serverNonce":"NONCE","proof":"PROOF"}}\n');
    expect(forms[1]).toBe(forms[0]);
  });

  test('proves anew to each connection, with a nonce of its own', async () => {
    const { connect } = serve([key]);
    const [one, other] = [await greeted(connect().raw, 'one'), await greeted(connect().raw, 'one')];
    expect(one.nonces.serverNonce).not.toBe(other.nonces.serverNonce);
    expect(one.proof).not.toBe(other.proof);
  });

  test.each([
    ['initialize', [initialize()]],
    ['a request of a Worker', [{ id: 1, method: 'worker/stop', params: {} }]],
    ['a proof without a hello', [prove(nonce(), 1)]],
    ['a hello with a short nonce', [hello('one', 'short')]],
    ['a hello with a name that is none', [hello('one two')]],
    ['a notification', [{ method: 'initialized', params: {} }]],
    ['an answer', [{ id: 7, result: {} }]],
    ['a complaint', [{ id: null, error: { code: -32600, message: 'x' } }]],
  ])('closes without a byte to whom %s comes first from', async (_, messages) => {
    const { connect, logger } = serve([key]);
    const { raw, ended } = connect();
    raw.send(...messages);
    expect(['unauthorized', 'protocol-violation']).toContain((await ended).kind);
    await raw.closed();
    expect(raw.raw).toEqual([]);
    expect(logger.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  test.each([
    ['garbage', 'GET / HTTP/1.1\r\n\r\n'],
    ['a line of more than 4 KiB', `${JSON.stringify({ ...hello('one'), more: 'x'.repeat(4096) })}\n`],
    ['more than 4 KiB without an end', 'x'.repeat(4097)],
  ])('closes without a byte to whom %s comes from, and fills no log', async (_, bytes) => {
    const { connect, logger } = serve([key]);
    const { raw, ended } = connect();
    raw.sendRaw(bytes);
    expect((await ended).kind).toBe('protocol-violation');
    await raw.closed();
    expect(raw.raw).toEqual([]);
    expect(logger.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
    expect(JSON.stringify(logger.lines)).not.toContain('GET /');
  });

  test('after the proof takes nothing but initialize: a second proof ends the connection, and is told so', async () => {
    const { connect, opened } = serve([key]);
    const { raw, ended } = connect();
    const { nonces } = await greeted(raw, 'one');
    const proof = proofOf(key.secret, 'host', nonces);
    raw.send(prove(proof), prove(proof, 3));
    expect((await ended).kind).toBe('protocol-violation');
    await raw.closed();
    expect(raw.lines.map(({ id }) => id)).toEqual([1, 2, null]);
    expect(raw.lines.at(-1)).toMatchObject({ error: { data: { kind: 'protocol-violation', line: 3 } } });
    expect(opened).toEqual([]);
  });
});

describe('a host with a key', () => {
  const connected = async (key: SharedKey | undefined, answer: (raw: RawEnd) => Promise<void>) => {
    const { raw, transport } = rawBackend();
    const backend = wireBackend({ id: BackendId('far'), loss: 'ends' });
    const outcome = backend.connect(transport, { key }).catch((cause: unknown) => cause);
    await answer(raw);
    const cause = await outcome;
    await raw.closed();
    return { cause, said: raw.lines.map(({ method }: Line) => method) };
  };

  test('says nothing more to a backend whose proof is wrong', async () => {
    const { cause, said } = await connected(newKey(), async (raw) => {
      const { id } = await raw.method('auth/hello');
      raw.send({ id, result: { serverNonce: nonce(), proof: nonce() } });
    });
    expect(cause).toMatchObject({ kind: 'unauthorized' });
    expect(said).toEqual(['auth/hello']);
  });

  test('says nothing more to a backend that only gives back its own nonce', async () => {
    const { cause, said } = await connected(newKey(), async (raw) => {
      const { id, params } = await raw.method('auth/hello');
      const back = String(params?.['clientNonce']);
      raw.send({ id, result: { serverNonce: back, proof: back } });
    });
    expect(cause).toMatchObject({ kind: 'unauthorized' });
    expect(said).toEqual(['auth/hello']);
  });

  test.each([
    ['with a key is not served by a server without', newKey(), undefined],
    ['without a key is not served by a server with one', undefined, [newKey()]],
    ['with another key is not served', newKey(), [newKey()]],
  ])('%s', async (_, key, keys) => {
    const author = new ScriptedBackend();
    const pair = linkedPair();
    const ended = backendServer(author).accept(pair.backend, { keys });
    const backend = wireBackend({ id: BackendId('far'), loss: 'ends' });
    await expect(backend.connect(pair.host, { key })).rejects.toMatchObject({ name: 'WireError' });
    await ended;
    expect({ isConnected: backend.isConnected, calls: author.calls }).toEqual({ isConnected: false, calls: [] });
  });

  test('is served by a server that has it, too', async () => {
    const [key, pair] = [newKey(), linkedPair()];
    void backendServer(new ScriptedBackend()).accept(pair.backend, { keys: [newKey('other'), key] });
    const backend = wireBackend({ id: BackendId('far'), loss: 'ends' });
    await backend.connect(pair.host, { key });
    expect(backend.isConnected).toBe(true);
    await backend[Symbol.asyncDispose]();
  });
});
