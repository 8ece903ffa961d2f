import type { WorkerId } from '../../../src/domain/ids.js';
import type { Observation } from '../../../src/domain/observation/event.js';
import type { WorkerView } from '../../../src/domain/observation/view.js';
import { judge } from '../log-rules.js';
import { isType, ref, runtimeId, textPart } from '../runtime.js';
import type { InputId } from '../../../src/domain/ids.js';
import type { Command } from '../../../src/ports/browser-gateway.js';
import type { Told } from './account.js';
import { leaseMs } from './hosts.js';
import type { ChaosHost } from './hosts.js';
import type { Scene } from './schedule.js';

/** Nothing may take longer, in virtual time. */
const longestMs = 5 * 60_000;

const claim = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};

/** Moves time on until something holds. */
async function until(scene: Scene, what: () => string, holds: () => boolean, mostMs: number): Promise<void> {
  const { clock } = scene.cluster;
  for (const from = clock.now(); !holds(); await clock.advance(100)) {
    if (clock.now() - from > mostMs) throw new Error(what());
  }
}

/** What is asked while time goes on. */
async function answered<T>(scene: Scene, what: string, asked: Promise<T>): Promise<T> {
  let told: { readonly value: T } | undefined;
  void asked.then((value) => (told = { value }));
  await until(
    scene,
    () => `it hangs: ${what}`,
    () => told !== undefined,
    longestMs,
  );
  return await asked;
}

async function logAt(scene: Scene, host: ChaosHost, workerId: WorkerId): Promise<readonly Observation[]> {
  const query = { type: 'observations', worker: ref(workerId), limit: 500 } as const;
  const page = await answered(scene, 'a page', host.runtime.read(query));
  if (page.outcome !== 'answered') throw new Error(`a page of ${workerId}: ${JSON.stringify(page)}`);
  return page.observations;
}

async function listAt(scene: Scene, host: ChaosHost): Promise<readonly WorkerView[]> {
  const list = await answered(scene, 'a list', host.runtime.read({ type: 'workers', runtimeId, limit: 200 }));
  if (list.outcome !== 'answered') throw new Error(`a list: ${JSON.stringify(list)}`);
  return list.workers;
}

const ask = (scene: Scene, host: ChaosHost, command: Command): Promise<Told> =>
  answered(scene, command.type, host.runtime.execute(command) as Promise<Told>);

function judgeCreates({ account: { calls } }: Scene, workers: readonly WorkerView[]): void {
  // Also those of which nobody was told whether they were.
  const deletes = calls.filter(({ command, outcome }) => command.type === 'delete' && outcome?.outcome !== 'rejected');
  const deleted = new Set(deletes.map(({ command }) => (command.type === 'delete' ? command.worker.workerId : '')));
  const byKey = new Map<string, Set<WorkerId>>();
  const names = new Map<string, number>();
  for (const { displayName = '' } of workers) names.set(displayName, (names.get(displayName) ?? 0) + 1);
  for (const [name, count] of names) claim(count === 1, `W5: ${String(count)} Workers of ${name}`);
  for (const { command, outcome } of calls) {
    if (command.type !== 'create' || !outcome) continue;
    const { displayName = '' } = command;
    if (outcome.outcome === 'accepted' && outcome.worker) {
      const { workerId } = outcome.worker;
      byKey.set(displayName, (byKey.get(displayName) ?? new Set()).add(workerId));
      const isListed = workers.some((worker) => worker.workerId === workerId);
      claim(isListed || deleted.has(workerId), `${workerId} was created, and is in no list`);
    }
    const isInDoubt =
      outcome.executed === 'unknown' || ['log-unavailable', 'worker-moved'].includes(outcome.code ?? '');
    const isNot = outcome.outcome !== 'accepted' && !isInDoubt && !command.idempotencyKey;
    claim(!isNot || !names.has(displayName), `${displayName} was refused, and is there: ${JSON.stringify(outcome)}`);
  }
  for (const [name, ids] of byKey) claim(ids.size === 1, `W5: one key, Workers ${[...ids].join()}: ${name}`);
}

function judgeInputs(scene: Scene, logs: ReadonlyMap<WorkerId, readonly Observation[]>): void {
  const { account, cluster } = scene;
  for (const [inputId, { workerId, begun, hosts }] of cluster.dispatched) {
    claim(begun <= 1, `W8: ${inputId} of ${workerId} ran ${String(begun)} times, at ${hosts.join()}`);
  }
  for (const { command, outcome } of account.calls) {
    const isCreate = command.type === 'create';
    if (command.type !== 'input' && !isCreate) continue;
    const inputId = isCreate ? command.input?.inputId : command.inputId;
    if (!inputId || !outcome) continue;
    const workerId = isCreate ? outcome.worker?.workerId : command.worker.workerId;
    const log = workerId && logs.get(workerId);
    const count = log?.filter(
      (observation) => observation.inputId === inputId && isType('input-accepted')(observation),
    );
    if (outcome.outcome === 'accepted' && count)
      claim(count.length === 1, `W6: ${inputId} is ${String(count.length)} times in its log`);
    const isRefused = outcome.outcome !== 'accepted' && outcome.executed !== 'unknown';
    if (!isRefused || account.inputs.get(inputId)?.asked !== 1) continue;
    const told = JSON.stringify(outcome);
    claim((cluster.dispatched.get(inputId)?.begun ?? 0) === 0, `W8: ${inputId} was refused, and ran: ${told}`);
    claim(!count?.length, `W6: ${inputId} was refused, and is in the log: ${told}`);
  }
}

/** Everybody who was asked is told, and each host knows the same Workers. */
async function settled(scene: Scene): Promise<readonly WorkerView[]> {
  const { cluster, account } = scene;
  const hanging = () => `it hangs: ${JSON.stringify(account.unsettled())}`;
  await until(scene, hanging, () => account.unsettled().length === 0, longestMs);
  const broken = account.calls.filter(({ outcome }) => outcome?.outcome === 'thrown' || outcome?.code === 'internal');
  claim(broken.length === 0, `a defect: ${JSON.stringify(broken[0])}`);
  await cluster.clock.advance(60_000);
  const [first = [], ...lists] = await Promise.all([...cluster.living].map((host) => listAt(scene, host)));
  for (const list of lists) claim(JSON.stringify(list) === JSON.stringify(first), 'lists of two hosts differ');
  for (const { workerId } of first) claim(!account.deleted.has(workerId), `${workerId} was deleted, and is in a list`);
  return first;
}

/** Each Worker answers at each host, and ends where it is told to. */
async function stopAll(scene: Scene, workers: readonly WorkerView[]): Promise<void> {
  const { cluster, chance, account } = scene;
  const any = (): ChaosHost => chance.pick(cluster.living) as ChaosHost;
  for (const { workerId, status } of workers) {
    const worker = ref(workerId);
    claim(status === 'stopped' || !account.stopped.has(workerId), `W14: ${workerId} was stopped, and is ${status}`);
    claim(status !== 'connecting', `${workerId} is still ${status}`);
    const probe = { type: 'input', worker, inputId: chance.uuid() as InputId, parts: textPart('go') } as const;
    const told = await ask(scene, any(), probe);
    const expected = { idle: 'accepted', busy: 'busy', unconnected: 'worker-unconnected', stopped: 'worker-stopped' };
    const isKnown = told.outcome === expected[status as 'idle'] || told.code === expected[status as 'idle'];
    claim(isKnown, `${workerId} is ${status}, and an input is ${JSON.stringify(told)}`);
    if (chance.happens(0.3)) await cluster.clock.advance(chance.below(500));
    const end = await ask(scene, any(), { type: 'stop', worker });
    claim(end.outcome === 'accepted', `${workerId} is ${status}, and a stop is ${JSON.stringify(end)}`);
  }
  for (const host of cluster.living) {
    for (const { status, workerId } of await listAt(scene, host)) {
      claim(status === 'stopped', `${workerId} was stopped, and is ${status} at ${host.name}`);
    }
  }
}

/** What is wrong at the end, if anything. Everything has ended then. */
export async function verdict(scene: Scene): Promise<void> {
  const { cluster, watchers, wrong } = scene;
  cluster.heal();
  while (cluster.living.size < 2) cluster.host();
  await cluster.clock.advance(10 * leaseMs);
  const workers = await settled(scene);
  judgeCreates(scene, workers);
  await stopAll(scene, workers);
  const logs = new Map<WorkerId, readonly Observation[]>();
  for (const { workerId } of workers) {
    for (const host of cluster.living) {
      const log = await logAt(scene, host, workerId);
      claim(JSON.stringify(log) === JSON.stringify(logs.get(workerId) ?? log), `logs of ${workerId} differ`);
      logs.set(workerId, log);
    }
    const { accepted, ended } = judge(logs.get(workerId) ?? []);
    claim(accepted.size === ended.size, `O4: ${workerId} has inputs that have not ended`);
  }
  judgeInputs(scene, logs);
  for (const watcher of watchers) {
    const { workerId, seen, problems } = watcher;
    const log = logs.get(workerId) ?? [];
    const isThere = () => watcher.isDeleted || seen.length >= log.length;
    await until(scene, () => `an observer of ${workerId} is behind`, isThere, 60_000);
    claim(problems.length === 0, `an observer of ${workerId} was told ${problems.join()}`);
    claim(!watcher.isDeleted || !logs.has(workerId), `${workerId} is deleted to an observer`);
    const whole = watcher.isDeleted ? seen : log;
    claim(JSON.stringify(seen) === JSON.stringify(whole), `an observer of ${workerId} saw something else`);
    seen.forEach(({ sequence }, index) => claim(sequence === index + 1, `P3: an observer of ${workerId} has a gap`));
    watcher.end();
  }
  const running = () =>
    [cluster.shared, ...[...cluster.living].map(({ local }) => local)].flatMap((grid) => grid.running());
  await until(
    scene,
    () => `R5: it runs still: ${running().join()}`,
    () => running().length === 0,
    120_000,
  );
  for (const host of [...cluster.living]) host.dispose();
  await answered(scene, 'a disposal', cluster.disposed());
  await cluster.clock.advance(leaseMs);
  claim(cluster.clock.pending === 0, `${String(cluster.clock.pending)} timers are left`);
  claim(wrong.length === 0, wrong.join('; '));
}
