import type { Chance } from '../kill/chance.js';
import type { NatsServer } from '../nats-server.js';
import type { Owners } from './owners.js';
import type { SharedHost } from './shared-host.js';
import type { EngineTimes } from './trouble.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Stage {
  readonly leaseMs: number;
  readonly hosts: readonly SharedHost[];
  readonly engine: NatsServer;
  readonly engineTimes: EngineTimes;
  readonly owners: Owners;
  /** The Workers that are there. */
  workerIds(): readonly string[];
  /** Ends the inputs that would wait for somebody: a host that is told to end waits for them. */
  relieve(): Promise<void>;
}

/** What became of a fault, in milliseconds. */
export interface Outcome {
  /** How long it took until each Worker of the hosts was another's. */
  readonly taken: readonly number[];
  readonly since: number;
  /** Ended when everything is served again. */
  readonly engineEnd?: () => void;
}

export interface Fault {
  readonly kind: Kind;
  /** For people. */
  readonly what: string;
  /** Whether its Workers have to be taken over within two leases. */
  readonly isJudged: boolean;
  run(): Promise<Outcome>;
}

/** Of ten faults each is there, those that say most twice. */
const kinds = ['kill', 'kill', 'stop', 'stop', 'cut', 'silence', 'short cut', 'engine', 'rolling', 'two'] as const;
export type Kind = (typeof kinds)[number];

/** Something that is done to a host. */
type BlowKind = 'kill' | 'stop' | 'cut' | 'silence';
/** How it is undone; `taken` resolves when all Workers of the hosts that were struck are others'. */
type Undoing = (host: SharedHost, taken: () => Promise<unknown>) => Promise<void>;

/** The kinds in an order of the seed's. */
export function someKinds({ below }: Chance): readonly Kind[] {
  const left: Kind[] = [...kinds];
  return kinds.map(() => left.splice(below(left.length), 1)[0] ?? 'kill');
}

export function faultOf(kind: Kind, chance: Chance, stage: Stage): Fault {
  const victim = chance.pick(stage.hosts) as SharedHost;
  switch (kind) {
    case 'kill':
    case 'stop':
    case 'cut':
    case 'silence':
      return onHost(kind, victim, chance, stage);
    case 'short cut':
      return shortCut(victim, chance, stage);
    case 'engine':
      return engine(chance, stage);
    case 'rolling':
      return rolling(stage);
    case 'two':
      return two(victim, chance, stage);
  }
}

function undoings(chance: Chance, { leaseMs }: Stage): Readonly<Record<BlowKind, Undoing>> {
  const isStartedAtOnce = chance.happens(0.5);
  const stopMs = leaseMs * (2.1 + chance.below(10) / 10);
  const cutMs = leaseMs * (1.4 + chance.below(10) / 10);
  const longCut = async (taken: () => Promise<unknown>): Promise<unknown> => Promise.all([taken(), pause(cutMs)]);
  return {
    async kill(host, taken) {
      if (isStartedAtOnce) await Promise.all([host.start(), taken()]);
      else {
        await taken();
        await host.start();
      }
    },
    async stop(host, taken) {
      await Promise.all([taken(), pause(stopMs)]);
      host.goOn();
    },
    async cut({ between }, taken) {
      await longCut(taken);
      between.up();
    },
    async silence({ between }, taken) {
      await longCut(taken);
      between.up();
    },
  };
}

const begin: Readonly<Record<BlowKind, (host: SharedHost) => unknown>> = {
  kill: (host) => host.kill(),
  stop: (host) => host.stop(),
  cut: ({ between }) => between.down(),
  silence: ({ between }) => between.hold(),
};

const touchesEngine = (kind: Kind): boolean => kind === 'cut' || kind === 'silence';

/** Strikes hosts at once, each in its way. */
async function strike(
  struck: readonly (readonly [host: SharedHost, kind: BlowKind])[],
  chance: Chance,
  stage: Stage,
): Promise<Outcome> {
  const ids = struck.flatMap(([{ hostId }]) => (hostId === undefined ? [] : [hostId]));
  const held = (await Promise.all(ids.map((id) => stage.owners.heldBy(id, stage.workerIds())))).flat();
  const engineEnd = struck.some(([, kind]) => touchesEngine(kind)) ? stage.engineTimes.begin() : undefined;
  const since = Date.now();
  await Promise.all(struck.map(([host, kind]) => begin[kind](host)));
  const taking = stage.owners.taken(held, ids, since);
  await Promise.all(struck.map(([host, kind]) => undoings(chance, stage)[kind](host, () => taking)));
  return { taken: await taking, since, ...(engineEnd && { engineEnd }) };
}

function onHost(kind: BlowKind, host: SharedHost, chance: Chance, stage: Stage): Fault {
  const run = () => strike([[host, kind]], chance, stage);
  return { kind, what: `${kind} of ${host.name}`, isJudged: true, run };
}

function two(host: SharedHost, chance: Chance, stage: Stage): Fault {
  const other = chance.pick(stage.hosts.filter((each) => each !== host)) as SharedHost;
  const [first, second] = [0, 0].map(() => chance.pick(['kill', 'stop', 'cut', 'silence'] as const) ?? 'kill');
  const struck = [
    [host, first ?? 'kill'],
    [other, second ?? 'kill'],
  ] as const;
  const what = struck.map(([{ name }, kind]) => `${kind} of ${name}`).join(' and ');
  return { kind: 'two', what, isJudged: false, run: () => strike(struck, chance, stage) };
}

function shortCut({ between, name }: SharedHost, chance: Chance, { leaseMs, engineTimes }: Stage): Fault {
  const cutMs = Math.floor((leaseMs * (1 + chance.below(3))) / 10);
  return {
    kind: 'short cut',
    what: `cut of ${name} for ${cutMs} ms`,
    isJudged: false,
    async run() {
      const [since, engineEnd] = [Date.now(), engineTimes.begin()];
      between.down();
      await pause(cutMs);
      between.up();
      return { taken: [], since, engineEnd };
    },
  };
}

function engine(chance: Chance, { engine: server, leaseMs, engineTimes }: Stage): Fault {
  const awayMs = chance.happens(0.7) ? chance.below(leaseMs / 3) : leaseMs * (1 + chance.below(2));
  return {
    kind: 'engine',
    what: `kill of the engine, away for ${Math.floor(awayMs)} ms`,
    isJudged: false,
    async run() {
      const [since, engineEnd] = [Date.now(), engineTimes.begin()];
      await server.kill();
      await pause(awayMs);
      await server.start();
      return { taken: [], since, engineEnd };
    },
  };
}

function rolling({ hosts, relieve }: Stage): Fault {
  return {
    kind: 'rolling',
    what: 'restart of all hosts, one after the other',
    isJudged: false,
    async run() {
      const since = Date.now();
      for (const host of hosts) {
        let isOver = false;
        const ending = host.end().finally(() => (isOver = true));
        ending.catch(() => undefined);
        while (!isOver) {
          await relieve();
          await pause(100);
        }
        await ending;
        await host.start();
      }
      return { taken: [], since };
    },
  };
}
