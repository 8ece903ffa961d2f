import { draws } from '../draws.js';
import { canHappenAt, faultKinds } from './fault-options.js';
import type { FaultKind, FaultOptions, FaultRates, ScriptedFault, HappenedFault } from './fault-options.js';

export interface Step {
  readonly of: 'call' | 'event';
  /** In words. */
  readonly step: string;
}

const defaultMs = 1_000;
const defaultMaxMs = 5_000;
const defaultEvents = 3_000;
const garbageVariants = 64;

type Parameters = Pick<ScriptedFault, 'ms' | 'events' | 'variant'>;

function drawnParameters(fault: FaultKind, rates: FaultRates, draw: () => number): Parameters {
  if (fault === 'delay') return { ms: 1 + Math.floor(draw() * (rates.delay?.maxMs ?? defaultMaxMs)) };
  if (fault === 'flood') return { events: rates.flood?.events ?? defaultEvents };
  return fault === 'garbage' ? { variant: Math.floor(draw() * garbageVariants) } : {};
}

function givenParameters({ fault, ms, events, variant }: ScriptedFault): Parameters {
  if (fault === 'delay') return { ms: ms ?? defaultMs };
  if (fault === 'flood') return { events: events ?? defaultEvents };
  return fault === 'garbage' ? { variant: variant ?? 0 } : {};
}

/** What happens to one Worker, step by step: of the seed and the number of the step alone, or of the script. */
export class FaultPlan {
  readonly #worker: number;
  readonly #options: FaultOptions;
  readonly #tell: (happened: HappenedFault) => void;
  readonly #script: ScriptedFault[];
  #at = 0;
  #left: number;

  constructor(worker: number, options: FaultOptions, tell: (happened: HappenedFault) => void) {
    this.#worker = worker;
    this.#options = options;
    this.#tell = tell;
    const own = (options.script ?? []).filter((fault) => (fault.worker ?? 1) === worker);
    this.#script = own.toSorted((one, other) => one.at - other.at);
    this.#left = options.maxFaults ?? 64;
  }

  /** Counts a step, and answers what is to happen at it. */
  next({ of, step }: Step): HappenedFault | undefined {
    this.#at += 1;
    if (this.#left === 0) return undefined;
    const fault = this.#options.script ? this.#scripted(of) : this.#drawn(of);
    if (!fault) return undefined;
    const happened = { worker: this.#worker, ...fault, at: this.#at, during: step };
    this.#left -= 1;
    this.#tell(happened);
    return happened;
  }

  #scripted(of: Step['of']): Omit<ScriptedFault, 'worker'> | undefined {
    const index = this.#script.findIndex(({ at, fault }) => at <= this.#at && canHappenAt(fault, of));
    const [found] = index < 0 ? [] : this.#script.splice(index, 1);
    return found && { at: this.#at, fault: found.fault, ...givenParameters(found) };
  }

  /** Every kind has a draw of its own at each step: whether one is asked for changes nothing for the others. */
  #drawn(of: Step['of']): Omit<ScriptedFault, 'worker'> | undefined {
    const { seed = 0, faults = {} } = this.#options;
    const draw = draws(seed, this.#worker, this.#at);
    const drawn = faultKinds.map((kind) => ({ kind, isDrawn: draw() < (faults[kind]?.probability ?? 0) }));
    const found = drawn.find(({ kind, isDrawn }) => isDrawn && canHappenAt(kind, of));
    return found && { at: this.#at, fault: found.kind, ...drawnParameters(found.kind, faults, draw) };
  }
}
