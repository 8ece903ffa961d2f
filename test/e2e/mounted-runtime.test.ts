import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { hashToken } from '../../src/adapters/authenticator/token/index.js';
import { browserClient, workers } from '../../src/adapters/browser-gateway/client/index.js';
import type { BrowserGateway, Frame, Observation, WorkerRef } from '../../src/index.js';
import { RuntimeId } from '../../src/index.js';
import { accessToken, startServe } from '../support/host-process.js';
import type { HostProcess } from '../support/host-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const lab = RuntimeId('lab');
const own = (name: string) => ({
  name,
  sha256: hashToken(name),
  scopes: ['read', 'input', 'control'],
  own: true,
});

/** A host whose Runtime is called `lab` at a second host, which lets ann and bob in. */
async function twoHosts() {
  const folder = await temporaryFolder();
  const startFar = (port: string): Promise<HostProcess> =>
    startServe({ cwd: folder, args: ['--data', 'far', '--port', port] });
  let far = await startFar('0');
  const port = new URL(far.url).port;
  await writeFile(join(folder, 'lab.token'), `${accessToken}\n`);
  const config = {
    auth: { tokens: [own('ann'), own('bob')] },
    profiles: { planned: { label: 'Planned', backend: null } },
    runtimes: { lab: { url: far.url, tokenFile: 'lab.token' } },
  };
  await writeFile(join(folder, 'workport.config.json'), JSON.stringify(config));
  const startNear = (): Promise<HostProcess> => startServe({ cwd: folder, args: ['--data', 'near'] });
  return {
    near: await startNear(),
    startNear,
    async killFar() {
      far.child.kill('SIGKILL');
      await far.ended;
    },
    async startFarAgain() {
      far = await startFar(port);
    },
  };
}

const as = (host: HostProcess, token: string) => browserClient({ url: host.url, token });

async function idsSeenBy(gateway: BrowserGateway): Promise<readonly string[]> {
  const list = await gateway.read({ type: 'workers', runtimeId: lab });
  if (list.outcome !== 'answered') throw new Error(JSON.stringify(list));
  return list.workers.map(({ workerId }) => workerId);
}

async function created(gateway: BrowserGateway): Promise<WorkerRef> {
  const made = await gateway.execute({ type: 'create', runtimeId: lab, profile: 'javascript' });
  if (made.outcome !== 'accepted') throw new Error(JSON.stringify(made));
  return { runtimeId: lab, workerId: made.worker.workerId };
}

async function readUntil(frames: AsyncIterator<Frame>, isLast: (observation: Observation) => boolean) {
  const seen: Observation[] = [];
  while (!seen.some(isLast)) {
    const { done, value } = await frames.next();
    if (done || value.type !== 'events') throw new Error(`no events: ${JSON.stringify(value)}`);
    seen.push(...value.observations);
  }
  return seen;
}
const isEnd = ({ event }: Observation): boolean => event.type === 'input-ended';

test('B4: a Runtime of another host is used through this one, and stays everybody’s own after a restart', async () => {
  const { near, startNear } = await twoHosts();
  const [ann, bob] = [as(near, 'ann'), as(near, 'bob')];
  expect(await ann.read({ type: 'runtimes' })).toMatchObject({
    runtimes: [{ runtimeId: 'local' }, { runtimeId: 'lab' }],
  });
  const worker = await created(ann);
  const input = await workers(ann).open(worker).input('6 * 7');
  expect(input).toMatchObject({ outcome: 'accepted' });
  const frames = ann.observe(worker, 'start')[Symbol.asyncIterator]();
  const seen = await readUntil(frames, isEnd);
  await frames.return?.();
  expect(seen).toContainEqual(expect.objectContaining({ event: expect.objectContaining({ text: '42' }) as unknown }));
  expect(await idsSeenBy(bob)).toEqual([]);
  expect(await bob.read({ type: 'worker', worker })).toMatchObject({ code: 'worker-unknown' });

  near.child.kill('SIGTERM');
  await near.ended;
  const again = await startNear();
  expect(await idsSeenBy(as(again, 'ann'))).toEqual([worker.workerId]);
  expect(await idsSeenBy(as(again, 'bob'))).toEqual([]);
});

test('P5: who watches through this host loses and doubles nothing when the other host is killed and comes back', async () => {
  const { near, killFar, startFarAgain } = await twoHosts();
  const ann = as(near, 'ann');
  const worker = await created(ann);
  const frames = ann.observe(worker, 'start')[Symbol.asyncIterator]();
  const said = 'for (let i = 0; ; i += 1) { console.log(i); await new Promise((go) => setTimeout(go, 5)); }';
  await workers(ann).open(worker).input(said);
  const before = await readUntil(frames, ({ event }) => event.type === 'output' && event.text.includes('20\n'));

  await killFar();
  expect(await ann.read({ type: 'worker', worker })).toMatchObject({
    outcome: 'errored',
    code: 'runtime-unavailable',
    executed: 'no',
  });
  expect(await ann.read({ type: 'runtimes' })).toMatchObject({ runtimes: [{ runtimeId: 'local' }] });
  expect((await fetch(`${near.url}/readyz`)).status).toBe(200);

  await startFarAgain();
  const after = await readUntil(frames, isEnd);
  await frames.return?.();
  const sequences = [...before, ...after].map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  expect(after.find(isEnd)).toMatchObject({ event: { end: 'interrupted' } });
});
