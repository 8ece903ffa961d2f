import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { accessToken, runWorkport, startServe } from '../support/host-process.js';
import type { HostProcess } from '../support/host-process.js';
import { natsPrograms, natsServer } from '../support/nats-server.js';
import type { NatsServer } from '../support/nats-server.js';
import { programPath } from '../support/programs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { say } from '../support/worker-stream.js';

const { isHere } = natsPrograms['nats-server'];
let server: NatsServer;
/** What docs/configuration.md says that the account of the hosts called `hosts` may use, and nothing else. */
const subjects = [
  'hosts.>',
  ...['members', 'beats', 'owners', 'keys'].map((bucket) => `$KV.hosts-${bucket}.>`),
  '$JS.API.>',
  '$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.hosts',
  '_INBOX.>',
];
const permissions = `{ publish: ${JSON.stringify(subjects)}, subscribe: ${JSON.stringify(subjects)} }`;
const credentials = [`authorization { users: [{ user: host, password: hunter2, permissions: ${permissions} }] }`];
if (isHere) beforeAll(async () => void (server = await natsServer({ config: credentials })));

const echo = { type: 'subprocess', command: process.execPath, args: [programPath('echo-backend.mjs')] };
const profiles = { echo: { label: 'Echo', backend: echo } };
const log = (servers: readonly string[]) => ({
  type: 'jetstream',
  servers,
  name: 'hosts',
  leaseMs: 1_000,
  user: 'host',
  password: { fromEnv: 'NATS_PASSWORD' },
});

/** A folder of its own for each host: what they share is the server. */
async function hostFolder(config: object): Promise<string> {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'workport.config.json'), JSON.stringify(config));
  return cwd;
}

async function startHost(): Promise<HostProcess> {
  const cwd = await hostFolder({ profiles, log: log([server.address]) });
  return startServe({ cwd, args: [], env: { WORKPORT_TOKEN: accessToken, NATS_PASSWORD: 'hunter2' } });
}

test.runIf(isHere)(
  'R1, R2: a Worker of a host that was killed is there again at another host on the same server, and goes on [needs nats-server]',
  async () => {
    const first = await startHost();
    const worker = await first.create({ profile: 'echo' });
    expect(await say(first, worker, 'echo hello')).toEqual(['assistant: hello']);
    const transcript = (await first.get(`${worker}/transcript`)).body;
    const page = async (host: HostProcess) => await (await host.ask(`${worker}/observations?limit=4`)).text();
    const before = JSON.parse(await page(first)) as { observations: object[] };
    expect(before.observations).toHaveLength(4);
    expect(await (await first.ask('')).json()).toMatchObject({ runtime: { durability: 'interval' } });
    const second = await startHost();
    expect(await say(second, worker, 'echo there')).toEqual(['assistant: there']);
    first.child.kill('SIGKILL');
    await first.ended;

    const reason = { status: 'unconnected', reason: 'host-restarted' };
    await expect.poll(async () => (await second.get(worker)).body.worker).toMatchObject(reason);
    expect((await second.get(`${worker}/transcript`)).body.entries?.slice(0, 2)).toEqual(
      transcript.entries?.slice(0, 2),
    );
    expect(JSON.parse(await page(second))).toMatchObject({ observations: before.observations });
    await second.post(`${worker}/reconnect`);
    await expect.poll(async () => (await second.get(worker)).body.worker?.status).toBe('idle');
    expect(await say(second, worker, 'echo again')).toEqual(['assistant: again']);
    expect(first.stderr() + second.stderr() + first.stdout()).not.toContain('hunter2');
    expect(first.stderr() + second.stderr()).not.toMatch(/permission|reports an error/iu);
    expect(second.stderr()).toContain('on the NATS server, in the stream hosts');
  },
  120_000,
);

test('a host whose log server does not answer ends at its start, and says what to look at', async () => {
  const cwd = await hostFolder({ profiles, log: log(['127.0.0.1:1']) });
  const env = { WORKPORT_TOKEN: accessToken, NATS_PASSWORD: 'hunter2' };
  const { code, stderr } = await runWorkport(['serve', '--port', '0'], { cwd, env }).ended;
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^workport: the log: no NATS server answers: see that it runs/),
  ]);
});

test('a host whose password for the log is not set ends at its start, and names the variable', async () => {
  const cwd = await hostFolder({ profiles, log: log(['127.0.0.1:1']) });
  const env = { WORKPORT_TOKEN: accessToken };
  const { code, stderr } = await runWorkport(['serve', '--port', '0'], { cwd, env }).ended;
  expect([code, stderr]).toEqual([2, expect.stringContaining('log.password: the variable NATS_PASSWORD is not set')]);
});
