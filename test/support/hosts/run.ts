import type { ProcessOptions } from '../host-process.js';
import { Account } from '../kill/account.js';
import { Book } from '../kill/book.js';
import type { Chance } from '../kill/chance.js';
import { chance } from '../kill/chance.js';
import { checkLog } from '../kill/check-log.js';
import { claim } from '../kill/claim.js';
import { isShared, prepareSharedFolder, programs } from '../kill/data-folder.js';
import type { Folder } from '../kill/data-folder.js';
import { processesOf } from '../kill/life.js';
import { noneLeft } from '../kill/live.js';
import { readAll, readList } from '../kill/reads.js';
import type { Scene } from '../kill/scene.js';
import { viewOf } from '../kill/scene.js';
import { Server } from '../kill/server.js';
import { user } from '../kill/traffic.js';
import { until } from '../kill/check-restart.js';
import { createOnce, newCreate } from '../kill/writes.js';
import type { NatsServer } from '../nats-server.js';
import { network } from '../network.js';
import { faultOf, someKinds } from './faults.js';
import type { Fault, Outcome, Stage } from './faults.js';
import { ownersAt } from './owners.js';
import type { Owners } from './owners.js';
import { cancelOpen, checkAll, endAll, served } from './settle.js';
import type { Settlement } from './settle.js';
import { SharedHost } from './shared-host.js';
import { EngineTimes, Trouble } from './trouble.js';
import { Watcher } from './watcher.js';
import { Ways } from './ways.js';

const hostCount = 3;
const users = 6;
const leastWorkers = 12;
const untouchedMs = 500;
const logName = 'hosts';
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface RunOptions {
  readonly cwd: string;
  readonly engine: NatsServer;
  readonly faults: number;
  readonly seed: number;
  readonly leaseMs: number;
  readonly onEnd: NonNullable<ProcessOptions['onEnd']>;
  readonly say: (line: string) => void;
}

export interface Tally {
  readonly faults: number;
  readonly workers: number;
  readonly inputs: number;
  readonly undecided: number;
  readonly observations: number;
  readonly streams: number;
  readonly interrupted: number;
  readonly seconds: number;
  /** In leases: the Workers that were taken over after single faults, and after two at once. */
  readonly taken: Distribution;
  readonly takenOfTwo: Distribution;
  /** In leases: from the fault to what the next owner first wrote. */
  readonly written: Distribution;
}

interface Distribution {
  readonly count: number;
  readonly median: number;
  readonly p95: number;
  readonly most: number;
}

function distribution(values: readonly number[], leaseMs: number): Distribution {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    Math.round(((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) / leaseMs) * 100) / 100;
  return { count: sorted.length, median: at(0.5), p95: at(0.95), most: at(1) };
}

/** Three hosts that share their Workers, and what is done to them while they are used. */
class Run {
  readonly #options: RunOptions;
  readonly #prefix: string;
  readonly #trouble = new Trouble();
  readonly #engineTimes = new EngineTimes();
  readonly #watchers = new Map<string, Watcher>();
  readonly #broken = new AbortController();
  /** Rejects with what was found by somebody beside what is awaited. */
  readonly #isBroken: Promise<never>;
  readonly #taken: number[] = [];
  readonly #takenOfTwo: number[] = [];
  readonly #written: number[] = [];
  readonly #since = Date.now();
  readonly #book: Book;
  readonly #server: Server;
  readonly #hosts: readonly SharedHost[];
  readonly #owners: Owners;
  #turn = 0;

  constructor(options: RunOptions, parts: { folder: Folder; hosts: readonly SharedHost[]; owners: Owners }) {
    const { folder, hosts, owners } = parts;
    this.#options = options;
    this.#prefix = prefixOf(options);
    this.#hosts = hosts;
    this.#owners = owners;
    this.#book = new Book(new Account(folder.account), () => 'with its server', true);
    this.#isBroken = new Promise((_, reject) => {
      const { signal } = this.#broken;
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
    this.#isBroken.catch(() => undefined);
    const program = programs.find(isShared) as (typeof programs)[number];
    this.#server = new Server({ folder, program, prefix: this.#prefix, onEnd: options.onEnd });
  }

  async perform(): Promise<Tally> {
    const { faults, seed, say } = this.#options;
    await this.#begin();
    let kinds = someKinds(chance(seed, 0));
    for (let number = 1; number <= faults; number += 1) {
      const decide = chance(seed, number, 0);
      if ((number - 1) % kinds.length === 0) kinds = someKinds(decide);
      const fault = faultOf(kinds[(number - 1) % kinds.length] ?? 'kill', decide, this.#stage());
      try {
        const figures = await this.#fault(fault, decide, number);
        say(`fault ${number}/${faults}: ${fault.what}; ${figures}`);
      } catch (cause) {
        throw await this.#found(number, fault.what, cause);
      }
    }
    try {
      return await this.#finish();
    } catch (cause) {
      throw await this.#found(faults, 'the end', cause);
    }
  }

  async #begin(): Promise<void> {
    await this.#server.listening;
    await Promise.all(this.#hosts.map((host) => host.start()));
    this.#trouble.end();
    const scene = this.#scene(chance(this.#options.seed, 0, 1));
    await until(scene.client, 'a host finds the server of its backend', async () => {
      const told = await createOnce(scene, newCreate(scene, 'keeper', ''));
      return told?.body.worker !== undefined || told;
    });
    for (let index = 1; index < leastWorkers; index += 1) {
      await createOnce(scene, newCreate(scene, index % 3 === 0 ? 'plain' : 'keeper', ''));
    }
    this.#watch();
  }

  /** Somebody watches each Worker that lives, from its beginning. */
  #watch(): void {
    const { seed } = this.#options;
    for (const worker of this.#book.live) {
      if (this.#watchers.has(worker.workerId)) continue;
      const scene = this.#scene(chance(seed, 1_000_000 + this.#watchers.size));
      const onBroken = (cause: unknown): void => this.#broken.abort(cause);
      this.#watchers.set(worker.workerId, new Watcher(scene, worker, onBroken));
    }
  }

  /** Used before, while and after it, then left in peace and looked at. */
  async #fault(fault: Fault, decide: Chance, number: number): Promise<string> {
    let isEnough = false;
    const using = this.#use(number, () => isEnough);
    const done = after(decide.below(untouchedMs)).then(async () => {
      this.#trouble.begin();
      const outcome = await fault.run();
      const settlement = this.#settlement(number);
      await served(settlement);
      isEnough = true;
      return outcome;
    });
    let outcome: Outcome;
    try {
      [outcome] = await Promise.race([Promise.all([done, using]), this.#isBroken]);
    } finally {
      isEnough = true;
      await Promise.allSettled([done, using]);
    }
    const settlement = this.#settlement(number);
    await served(settlement);
    outcome.engineEnd?.();
    this.#trouble.end();
    await checkAll(settlement);
    for (const host of this.#hosts) host.complain();
    this.#watch();
    return this.#judge(fault, outcome);
  }

  #judge({ isJudged, kind }: Fault, { taken, since }: Outcome): string {
    const { leaseMs } = this.#options;
    const told = taken.map((ms) => (ms / leaseMs).toFixed(2)).join(' ');
    (kind === 'two' ? this.#takenOfTwo : this.#taken).push(...taken);
    if (isJudged || kind === 'two') this.#written.push(...this.#recoveredAfter(since));
    const late = taken.filter((ms) => ms > 2 * leaseMs);
    claim(!isJudged || late.length === 0, 'a Worker is taken over within two leases', { leaseMs, late, told });
    const { size } = this.#book.workers;
    const seconds = Math.round((Date.now() - since) / 1_000);
    return `taken over after ${told || '–'} leases; ${seconds} s; ${this.#book.present.length} of ${size} Workers`;
  }

  /** How long after a fault each Worker was first written by an owner that recovers it. */
  #recoveredAfter(since: number): readonly number[] {
    return [...this.#watchers.values()].flatMap(({ recovered }) => {
      const first = recovered.find((at) => at >= since);
      return first === undefined ? [] : [first - since];
    });
  }

  async #use(number: number, isEnough: () => boolean): Promise<void> {
    const { seed } = this.#options;
    this.#turn += 1;
    const isOver = (): boolean => isEnough() || this.#broken.signal.aborted;
    await Promise.all(
      Array.from({ length: users }, (_, index) =>
        user(this.#scene(chance(seed, number, 1 + index)), isOver, leastWorkers).catch((cause: unknown) => {
          this.#broken.abort(cause);
          throw cause;
        }),
      ),
    );
  }

  #scene(decide: Chance, hosts = this.#hosts): Scene {
    return { client: new Ways({ hosts, chance: decide, trouble: this.#trouble }), book: this.#book, chance: decide };
  }

  #settlement(number: number): Settlement {
    const decide = chance(this.#options.seed, number, 1_000);
    return {
      scene: this.#scene(decide),
      scenes: this.#hosts.map((host) => this.#scene(decide, [host])),
      engineTimes: this.#engineTimes,
      executed: () => this.#executed(),
    };
  }

  #executed(): readonly string[] {
    const marks = [this.#server.mark, ...this.#hosts.flatMap(({ life }) => (life ? [life.mark] : []))];
    return marks.flatMap((own) =>
      this.#book.account.executedBy(
        own,
        processesOf((mark) => mark === own),
      ),
    );
  }

  #stage(): Stage {
    const { leaseMs, engine } = this.#options;
    return {
      leaseMs,
      engine,
      hosts: this.#hosts,
      engineTimes: this.#engineTimes,
      owners: this.#owners,
      workerIds: () => this.#book.present.map(({ workerId }) => workerId),
      relieve: () => this.#relieve(),
    };
  }

  async #relieve(): Promise<void> {
    const scene = this.#scene(chance(this.#options.seed, 2_000_000));
    await readList(scene);
    for (const worker of this.#book.live.filter(({ status }) => status === 'busy')) {
      const view = await viewOf(scene, worker);
      if (view) await cancelOpen(scene, worker, view);
    }
  }

  async #finish(): Promise<Tally> {
    const settlement = this.#settlement(0);
    const { scene } = settlement;
    await endAll(settlement);
    let interrupted = 0;
    for (const worker of this.#book.present) {
      const log = await readAll(scene, worker);
      claim(log !== undefined, 'R1: each Worker can be read', worker.workerId);
      checkLog(worker, log, this.#book);
      const ends = log.filter(({ event }) => event.type === 'input-ended');
      const accepted = log.filter(({ event }) => event.type === 'input-accepted');
      claim(ends.length === accepted.length, 'O4: each input ended once', { worker: worker.workerId, log });
      interrupted += ends.filter(({ event }) => event.end === 'interrupted').length;
      const watcher = this.#watchers.get(worker.workerId);
      await until(scene.client, 'P5: who watches sees all of it', () => {
        const isThere = !watcher || watcher.place === log.length || worker.stop !== 'none';
        return isThere || { worker: worker.workerId, place: watcher.place, log: log.length };
      });
    }
    await Promise.all([...this.#watchers.values()].map((watcher) => watcher.close()));
    claim(!this.#broken.signal.aborted, String(this.#broken.signal.reason), {});
    this.#trouble.begin();
    await Promise.all(this.#hosts.map((host) => host.end()));
    await this.#server.end();
    await noneLeft({ isOver: false }, this.#prefix, []);
    return { ...this.#sums(), interrupted };
  }

  #sums(): Omit<Tally, 'interrupted'> {
    const { faults, leaseMs } = this.#options;
    const workers = [...this.#book.workers.values()];
    const inputs = workers.flatMap((worker) => [...worker.inputs.values()]);
    return {
      faults,
      workers: workers.length,
      inputs: inputs.filter(({ state }) => state === 'accepted').length,
      undecided: inputs.filter(({ state }) => state === 'undecided').length,
      observations: workers.reduce((sum, { highest }) => sum + highest, 0),
      streams: [...this.#watchers.values()].reduce((sum, { begun }) => sum + begun, 0),
      seconds: Math.round((Date.now() - this.#since) / 1_000),
      taken: distribution(this.#taken, leaseMs),
      takenOfTwo: distribution(this.#takenOfTwo, leaseMs),
      written: distribution(this.#written, leaseMs),
    };
  }

  /** What was found, with the logs of the Workers that it names and what the hosts have said. */
  async #found(number: number, what: string, cause: unknown): Promise<Error> {
    const { message } = cause as Error;
    const named = [...this.#book.workers.values()].filter(
      ({ workerId, inputs }) => message.includes(workerId) || [...inputs.keys()].some((id) => message.includes(id)),
    );
    this.#trouble.begin();
    const { client } = this.#scene(chance(this.#options.seed));
    const logs = named.slice(0, 3).map(async ({ path, profile }) => {
      const told = await client.ask(`${path}/observations?limit=500`).catch(String);
      return `${path} (${profile}): ${JSON.stringify(typeof told === 'string' ? told : told?.body)}`;
    });
    const where = `seed ${this.#options.seed}, fault ${number} (${what}), ${this.#options.cwd}`;
    return new Error([`${where}: ${message}`, ...(await Promise.all(logs)), this.#said()].join('\n'), { cause });
  }

  #said(): string {
    return this.#hosts.map(({ name, said }) => `${name} said:\n${said.slice(-8_000)}`).join('\n');
  }
}

const prefixOf = ({ seed }: RunOptions): string => `hosts-${process.pid}-${seed}-`;

/** Hosts that share their Workers, each with its own way to the engine, until so many faults were seen. */
export async function manyFaults(options: RunOptions): Promise<Tally> {
  const { engine, leaseMs, cwd, onEnd } = options;
  const port = Number(engine.address.split(':').at(-1));
  const ways = await Promise.all(Array.from({ length: hostCount }, () => network(port)));
  for (const way of ways) onEnd(async () => way[Symbol.asyncDispose]());
  const logs = ways.map(({ url }) => ({ type: 'jetstream', servers: [new URL(url).host], name: logName, leaseMs }));
  const folder = await prepareSharedFolder(cwd, logs);
  const owners = await ownersAt(engine.address, logName);
  onEnd(async () => owners[Symbol.asyncDispose]());
  const hosts = ways.map((between, index) => {
    return new SharedHost({ index, folder, between, prefix: prefixOf(options), onEnd });
  });
  return await new Run(options, { folder, hosts, owners }).perform();
}
