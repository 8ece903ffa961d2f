import type { InputId, WorkerId } from '../../../src/domain/ids.js';
import type { Chance } from '../kill/chance.js';
import { ref, runtimeId, textPart } from '../runtime.js';
import type { Account } from './account.js';
import { questionOf } from './grid.js';
import { leaseMs } from './hosts.js';
import type { ChaosCluster, ChaosHost } from './hosts.js';
import type { Watcher } from './watcher.js';
import { watch } from './watcher.js';

export interface Scene {
  readonly cluster: ChaosCluster;
  readonly chance: Chance;
  readonly account: Account;
  readonly watchers: Watcher[];
  /** What was wrong at once. */
  readonly wrong: string[];
  readonly steps: string[];
}

const mostHosts = 4;
const inputIdOf = (chance: Chance): InputId => chance.uuid() as InputId;

/** One host, or several at once: what one of them is asked, all are. */
function hostsOf({ cluster, chance }: Scene): readonly ChaosHost[] {
  const hosts = [...cluster.living];
  const count = chance.happens(0.3) ? 1 + chance.below(3) : 1;
  return Array.from({ length: count }, () => chance.pick(hosts)).filter((host) => host !== undefined);
}

function create(scene: Scene): string {
  const { chance, account } = scene;
  const isKeyed = chance.happens(0.6);
  const name = isKeyed ? `key-${String(chance.below(6))}` : `one-${chance.uuid()}`;
  // What a key stands for is always the same.
  const number = Number(name.slice(4)) || 0;
  const profile = (isKeyed ? number % 2 === 0 : chance.happens(0.6)) ? 'shared' : 'local';
  const hasInput = isKeyed ? number % 3 === 0 : chance.happens(0.3);
  const inputId = isKeyed ? (`00000000-0000-4000-8000-00000000000${String(number)}` as InputId) : inputIdOf(chance);
  const input = hasInput ? { input: { inputId, parts: textPart('go') } } : {};
  const key = isKeyed ? { idempotencyKey: name } : {};
  const hosts = isKeyed ? hostsOf(scene) : hostsOf(scene).slice(0, 1);
  for (const host of hosts) {
    account.execute(host, { type: 'create', runtimeId, profile, displayName: name, ...input, ...key });
  }
  return `create ${name}`;
}

function input(scene: Scene, workerId: WorkerId): string {
  const { chance, account } = scene;
  const known = [...account.inputs].filter(([, of]) => of.workerId === workerId).map(([id]) => id);
  const inputId = (chance.happens(0.2) && chance.pick(known)) || inputIdOf(chance);
  for (const host of hostsOf(scene)) {
    account.execute(host, { type: 'input', worker: ref(workerId), inputId, parts: textPart('go') });
  }
  return 'input';
}

function command(scene: Scene, workerId: WorkerId): string {
  const { chance, account } = scene;
  const worker = ref(workerId);
  const inputId = chance.pick([...account.inputs].filter(([, of]) => of.workerId === workerId).map(([id]) => id));
  const commands = [
    ...(inputId
      ? [
          { type: 'cancel', worker, inputId, deadlineMs: chance.below(2_000) } as const,
          { type: 'answer', worker, questionId: questionOf(inputId), answer: { text: 'yes' } } as const,
          { type: 'answer', worker, questionId: questionOf(inputId), answer: { text: 'yes' } } as const,
        ]
      : []),
    { type: 'reconnect', worker } as const,
    { type: 'reconnect', worker } as const,
    { type: 'stop', worker, graceMs: chance.below(500) } as const,
    { type: 'delete', worker } as const,
  ];
  const chosen = chance.pick(commands) ?? ({ type: 'reconnect', worker } as const);
  for (const host of hostsOf(scene)) account.execute(host, chosen);
  return chosen.type;
}

function read(scene: Scene, workerId: WorkerId | undefined): string {
  const { cluster, chance, account, wrong, watchers } = scene;
  const host = chance.pick(cluster.living);
  if (!host || workerId === undefined) return 'nothing';
  if (chance.happens(0.3)) {
    watchers.push(watch(cluster, chance, workerId));
    return 'watch';
  }
  const wasDeleted = new Set(account.deleted);
  if (chance.happens(0.5)) {
    void host.runtime.read({ type: 'worker', worker: ref(workerId) }).then((answer) => {
      if (answer.outcome === 'answered' && wasDeleted.has(workerId)) wrong.push(`${workerId} was deleted, and is read`);
    });
    return 'read';
  }
  void host.runtime.read({ type: 'workers', runtimeId, limit: 200 }).then((answer) => {
    if (answer.outcome !== 'answered') return;
    const ids = answer.workers.map((worker) => worker.workerId);
    if (ids.some((id) => wasDeleted.has(id))) wrong.push('a Worker that was deleted is in a list');
    if (ids.join() !== [...new Set(ids)].toSorted().join()) wrong.push(`a list is not in order: ${ids.join()}`);
  });
  return 'list';
}

function trouble({ cluster, chance }: Scene): string {
  const host = chance.pick(cluster.living);
  if (!host) return 'nothing';
  const kind = chance.below(10);
  if (kind < 2) host.cut();
  else if (kind < 4) host.pause();
  else if (kind < 5) host.endLease();
  else if (kind < 6) {
    // Who goes on owing an end to nobody is disposed of some time after.
    void host.runtime.drain();
    cluster.clock.after(chance.below(3_000), () => host.dispose());
  } else if (kind < 7) host.dispose();
  else {
    for (const each of cluster.living) {
      each.resume();
      each.join();
    }
  }
  return `${['cut', 'cut', 'pause', 'pause', 'end the lease of', 'drain', 'dispose of'][kind] ?? 'heal'} ${host.name}`;
}

function step(scene: Scene): string {
  const { cluster, chance, account } = scene;
  if (cluster.living.size === 0 || (cluster.living.size < mostHosts && chance.happens(0.05)))
    return cluster.host().name;
  const workerId = chance.pick(account.workers);
  const kind = chance.below(100);
  if (kind < 20 || workerId === undefined) return create(scene);
  if (kind < 45) return input(scene, workerId);
  if (kind < 62) return command(scene, workerId);
  if (kind < 82) return read(scene, workerId);
  return trouble(scene);
}

/** Asks and troubles hosts as the seed says, some of it at once, some of it in time. */
export async function play(scene: Scene, steps: number): Promise<void> {
  const { cluster, chance } = scene;
  for (let count = 0; count < 3 + chance.below(2); count += 1) cluster.host();
  for (let count = 0; count < steps; count += 1) {
    const hosts = cluster.everyHost.length;
    scene.steps.push(`${String(cluster.clock.now() % 1e8)} ${step(scene)}`);
    // It is troubled when it is there: one that cannot enter ends.
    if (cluster.everyHost.length > hosts) await cluster.clock.settle();
    const kind = chance.below(10);
    if (kind < 3) continue;
    await cluster.clock.advance(kind < 8 ? chance.below(200) : chance.below(2 * leaseMs));
  }
}
