import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, onTestFinished, test } from 'vitest';

import { scriptedBackend } from '../support/contracts/generator-harness.js';
import { selfSigned } from '../support/certificate.js';
import { runWorkport } from '../support/host-process.js';
import type { ListeningBackend, ListenOptions } from '../support/listening-backend.js';
import { listenBackend, writeKeyFile } from '../support/listening-backend.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const cwd = fileURLToPath(new URL('../../', import.meta.url));
const check = (...args: readonly string[]) => runWorkport(['check', ...args], { cwd }).ended;
const newKey = () => ({ id: 'default', secret: randomBytes(32) });

async function listen(options: ListenOptions = {}): Promise<ListeningBackend> {
  const server = await listenBackend(scriptedBackend({ recover: true }), options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

describe('workport check of a socket', () => {
  test('judges a server that keeps every rule, cuts and lines of the wire among them, and ends with 0', async () => {
    const folder = await temporaryFolder();
    const key = newKey();
    const keyFile = await writeKeyFile(join(folder, 'key'), [key]);
    const certificate = selfSigned(folder);
    const { address } = await listen({ scheme: 'tls', keys: [key], certificate });
    const secured = ['--key-file', keyFile, '--ca', certificate.certFile];
    const { code, stdout, stderr } = await check('--socket', address, ...secured);
    expect(stderr).toBe('');
    expect(stdout).toContain(`workport check: execution-backend ${address}: `);
    expect(stdout).toMatch(/^passed {2}EB-CUT-001 /m);
    expect(stdout).toMatch(/^passed {2}EB-WIRE-005 /m);
    expect(stdout).toMatch(/^\d+ passed, 0 failed, /m);
    expect(code).toBe(0);
  });

  test('with a wrong key, no key, or a certificate that nobody vouches for says so in one line: exit 2', async () => {
    const folder = await temporaryFolder();
    const key = newKey();
    const certificate = selfSigned(folder);
    const [right, wrong] = [
      await writeKeyFile(join(folder, 'right'), [key]),
      await writeKeyFile(join(folder, 'wrong'), [newKey()]),
    ];
    const { address } = await listen({ scheme: 'tls', keys: [key], certificate });
    const secured = ['--socket', address, '--ca', certificate.certFile];
    const answers = [
      await check(...secured, '--key-file', wrong),
      await check(...secured),
      await check('--socket', address, '--key-file', right),
    ];
    expect(answers.map(({ code, stdout }) => ({ code, stdout }))).toEqual(Array(3).fill({ code: 2, stdout: '' }));
    const [first, second, third] = answers.map(({ stderr }) => stderr);
    expect(first).toMatch(/does not show that it has the key: give both ends the same key file/);
    expect(second).toMatch(/--key-file: a tls: address needs a key file, which both ends have/);
    expect(third).toMatch(/nobody that is trusted vouches for the certificate/);
  });

  test('where nobody listens, or something else does, says so in one line: exit 2', async () => {
    const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    onTestFinished(() => void other.close());
    const keyFile = await writeKeyFile(join(await temporaryFolder(), 'key'), [newKey()]);
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    const stranger = await check('--socket', `tcp:127.0.0.1:${port}`, '--key-file', keyFile);
    expect(stranger.stderr).toMatch(/what answers at the address is no backend server: correct the address/);
    const nobody = await check('--socket', 'unix:/nowhere/backend.sock');
    expect(nobody.stderr).toMatch(/no backend server listens at the address: start it, or correct the address/);
    const nothing = await check('--socket', 'nowhere:7500');
    expect(nothing.stderr).toMatch(/--socket: "nowhere:7500" has no scheme that is known; an address is unix:PATH/);
    expect([stranger.code, nobody.code, nothing.code]).toEqual([2, 2, 2]);
  });
});
