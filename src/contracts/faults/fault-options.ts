import type { Clock } from '../../ports/clock.js';

/** How probability one kind of fault happens: a probability, 0 … 1, at each step where it can. */
export interface FaultRate {
  readonly probability: number;
}

/** The kinds of faults. A Runtime survives all of them; what they do to a Worker stands in `docs/testing-with-faults.md`. */
export interface FaultRates {
  /**
   * At a call or an event. The execution dies before it arrives: `disconnect`, pending calls are lost, later ones
   * are refused until the Worker is spawned or recovered again. Keeps the rules of a backend: executions do die.
   */
  readonly kill?: FaultRate | undefined;
  /**
   * At a call or an event. The answer or the event comes 1 … `maxMs` (5,000) milliseconds later; what follows waits
   * behind it, so that the order stays. Keeps the rules of a backend.
   */
  readonly delay?: (FaultRate & { readonly maxMs?: number | undefined }) | undefined;
  /** At an event. It is lost. Breaks O4 where it was the end of a run, O7 otherwise. */
  readonly drop?: FaultRate | undefined;
  /** At an event. It is published twice. Breaks O4 where it was the end of a run, O6 or O7 otherwise. */
  readonly duplicate?: FaultRate | undefined;
  /**
   * At an event. The next one of its generation comes before it; where none comes within a second, nothing is changed
   * but that answers may overtake it. Breaks E4 and O7, and O4 where it was the last before an end.
   */
  readonly reorder?: FaultRate | undefined;
  /**
   * At a call or an event. From then on nothing comes and no call arrives, and nobody is told. A call that is aborted
   * is answered; everything that waits goes on with `mend`. A new spawn or recover finds a sound connection. Breaks W18.
   */
  readonly 'half-open'?: FaultRate | undefined;
  /** At an event. So many notices (3,000) follow it at once, and no room is waited for. Breaks P2. */
  readonly flood?: (FaultRate & { readonly events?: number | undefined }) | undefined;
  /**
   * At a call or an event. Its answer, the event, or a code in either has a wrong shape, or the call throws. Breaks W16.
   */
  readonly garbage?: FaultRate | undefined;
}
export type FaultKind = keyof FaultRates;

/** One fault at one step. */
export interface ScriptedFault {
  /**
   * The step of its Worker, from 1: each call and each event is one. Where this kind cannot happen at that step it
   * happens at the next one where it can.
   */
  readonly at: number;
  readonly fault: FaultKind;
  /** The Worker, counted from 1 in the order in which they were first spawned or recovered. 1. */
  readonly worker?: number | undefined;
  /** Of `delay`: milliseconds. 1,000. */
  readonly ms?: number | undefined;
  /** Of `flood`: how many. 3,000. */
  readonly events?: number | undefined;
  /** Of `garbage`: which. */
  readonly variant?: number | undefined;
}

/** A fault that has happened. Many of them are a script that does the same again. */
export interface HappenedFault extends ScriptedFault {
  readonly worker: number;
  /** What it happened to: `dispatch`, `event text-delta`. */
  readonly during: string;
}

export interface FaultOptions {
  /** 0 … 4,294,967,295. With the same seed a Worker that gets the same calls and says the same has the same faults. */
  readonly seed?: number | undefined;
  /** What happens by chance. Those left out do not. */
  readonly faults?: FaultRates | undefined;
  /** What happens in any case, in place of chance. */
  readonly script?: readonly ScriptedFault[] | undefined;
  /** For what comes late. The system's. */
  readonly clock?: Clock | undefined;
  /** Told of each fault, before it has an effect. MUST NOT throw. */
  readonly onFault?: ((happened: HappenedFault) => void) | undefined;
  /** So many Workers have faults, the first ones; the others have none. 256. */
  readonly maxWorkers?: number | undefined;
  /** So many faults a Worker has at most; then it is left alone. 64. */
  readonly maxFaults?: number | undefined;
}

/** In the order in which they are drawn at a step; the first that is drawn happens. */
export const faultKinds: readonly FaultKind[] = [
  'kill',
  'half-open',
  'garbage',
  'flood',
  'drop',
  'duplicate',
  'reorder',
  'delay',
];

const onEventsOnly: readonly FaultKind[] = ['drop', 'duplicate', 'reorder', 'flood'];
export const canHappenAt = (fault: FaultKind, step: 'call' | 'event'): boolean =>
  step === 'event' || !onEventsOnly.includes(fault);

const optionNames: readonly string[] = ['seed', 'faults', 'script', 'clock', 'onFault', 'maxWorkers', 'maxFaults'];

function check(holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`faultBackend: ${what}`);
}

const longest = 1_000_000;
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1 && value <= longest;

function checkScript(script: readonly ScriptedFault[]): void {
  for (const { fault, at, worker = 1, ms = 1, events = 1, variant = 0 } of script) {
    check(faultKinds.includes(fault), `there is no fault ${fault}; there are ${faultKinds.join(', ')}`);
    check(
      [at, worker, ms, events].every(isCount),
      `at, worker, ms and events of ${fault} are whole numbers from 1 to 1,000,000`,
    );
    check(Number.isSafeInteger(variant) && variant >= 0, `variant of ${fault} is counted from 0`);
  }
}

/** Throws a `TypeError` for what a programmer got wrong. */
export function checkFaultOptions(options: FaultOptions): void {
  const unknown = Object.keys(options).find((key) => !optionNames.includes(key));
  check(unknown === undefined, `there is no option ${String(unknown)}; there are ${optionNames.join(', ')}`);
  const { seed = 0, faults = {}, script = [], ...bounds } = options;
  check(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32, 'seed is an integer from 0 to 4,294,967,295');
  for (const [kind, rate] of Object.entries(faults) as readonly (readonly [FaultKind, FaultRate | undefined])[]) {
    check(faultKinds.includes(kind), `there is no fault ${kind}; there are ${faultKinds.join(', ')}`);
    check(
      rate === undefined || (rate.probability >= 0 && rate.probability <= 1),
      `probability of ${kind} is a probability from 0 to 1`,
    );
  }
  checkScript(script);
  const { delay, flood } = faults;
  check(
    isCount(delay?.maxMs ?? 1) && isCount(flood?.events ?? 1),
    'maxMs and events are whole numbers from 1 to 1,000,000',
  );
  const { maxWorkers = 1, maxFaults = 1 } = bounds;
  check(isCount(maxWorkers) && isCount(maxFaults), 'maxWorkers and maxFaults are whole numbers from 1 to 1,000,000');
}
