import {
  failed,
  generatorBackend,
  output,
  planUpdated,
  reasoning,
  text,
  toolCallEnded,
  toolCallStarted,
  toolCallUpdated,
  usage,
} from '../../../src/index.js';
import type { ExecutionBackend, InputId, WorkerId } from '../../../src/index.js';
import type { RunContext } from '../../../src/adapters/execution-backend/generator/run.js';
import type { RunEvent } from '../../../src/adapters/execution-backend/generator/events.js';

/** Doors that a script opens and runs wait at. */
export class Gates {
  readonly #gates = new Map<string, { readonly opened: Promise<void>; readonly open: () => void }>();

  open(...names: readonly string[]): void {
    for (const name of names) this.#gate(name).open();
  }

  /** Resolves when it is open; rejects when the run is cancelled. */
  async at(name: string, signal: AbortSignal): Promise<void> {
    const aborted = new Promise<never>((_, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
    await Promise.race([this.#gate(name).opened, aborted]);
  }

  #gate(name: string): { readonly opened: Promise<void>; readonly open: () => void } {
    const known = this.#gates.get(name);
    if (known) return known;
    let open: () => void = () => undefined;
    const gate = { opened: new Promise<void>((resolve) => (open = resolve)), open: () => open() };
    this.#gates.set(name, gate);
    return gate;
  }
}

type Scene = (gates: Gates, context: RunContext<WorkerId>) => AsyncGenerator<RunEvent, void, undefined>;

const never = 'never';

/** What is done for an input, by its text. */
const scenes: Readonly<Record<string, Scene>> = {
  async *a1(gates, { signal }) {
    yield text('one');
    yield text(' two');
    await gates.at('a1', signal);
    yield { type: 'text-completed', text: 'one two' };
    yield toolCallStarted('call-1', 'look', { input: { at: 'moon' } });
    yield planUpdated('plan-1', [{ text: 'Look', status: 'in-progress', priority: 'high' }]);
    yield toolCallUpdated('call-1', { title: 'Look up', diffs: [{ file: 'moon.txt', after: 'round\n' }] });
    yield toolCallEnded('call-1', { output: 'round' });
    yield planUpdated('plan-1', [{ text: 'Look', status: 'completed' }]);
    yield usage({ inputTokens: 1, outputTokens: 2, contextTokens: 3, contextLimit: 4 });
  },
  async *a2(gates, { signal }) {
    yield text('until I am cancelled');
    await gates.at(never, signal);
  },
  async *a3() {
    for (let index = 1; index <= 5; index += 1) yield text(`${index} `);
  },
  async *b1(gates, { signal }) {
    yield output('line 1\n');
    yield output('line 2\n', 'stderr');
    yield reasoning('hm');
    await gates.at('b1', signal);
    yield output('line 3\n');
    throw failed('out-of-luck');
  },
  async *b2(_gates, { ask }) {
    const answer = await ask({ prompt: 'Which colour?' });
    yield text('text' in answer ? answer.text : '');
  },
  async *b3(_gates, { ask }) {
    yield text('asking in vain');
    await ask({ prompt: 'Does anybody answer?' });
  },
  async *c1(gates, { ask, signal }) {
    const options = [
      { optionId: 'left', label: 'Left' },
      { optionId: 'right', label: 'Right' },
    ];
    const answer = await ask({ prompt: 'Which way?', options });
    await gates.at('c1', signal);
    yield text('optionId' in answer ? answer.optionId : '');
  },
  async *c2(_gates, { ask }) {
    yield text('until my Worker is stopped');
    await ask({ prompt: 'Go on?' });
  },
};

/** How much an execution has published, and how much of it its host has recorded. */
interface Progress {
  published: number;
  recorded: number;
}

/** A backend that does the same for the same inputs, whenever they come, and keeps account of it. */
export class Play {
  readonly gates = new Gates();
  /** Every input that was run, once for each run. */
  readonly runs: { readonly workerId: WorkerId; readonly inputId: InputId }[] = [];
  /** The Workers whose executions have begun and not ended. */
  readonly living = new Set<WorkerId>();
  readonly backend: ExecutionBackend;
  readonly #progress = new Map<WorkerId, Progress>();

  constructor() {
    const { gates, runs, living } = this;
    const backend = generatorBackend<WorkerId>({
      id: 'play',
      codes: ['out-of-luck'],
      start({ workerId }) {
        living.add(workerId);
        return workerId;
      },
      close: (workerId) => void living.delete(workerId),
      run({ inputId, parts: [part] }, context) {
        runs.push({ workerId: context.session, inputId });
        const scene = part?.type === 'text' ? scenes[part.text] : undefined;
        if (!scene) throw new Error('there is no such scene');
        return scene(gates, context);
      },
    });
    this.backend = { ...backend, spawn: this.#followed(backend) };
  }

  /** Whether the host has acknowledged all that was published for a Worker. */
  isRecorded(workerId: WorkerId): boolean {
    const progress = this.#progress.get(workerId);
    return progress !== undefined && progress.recorded === progress.published;
  }

  #followed(backend: ExecutionBackend): ExecutionBackend['spawn'] {
    return (request, publisher, call) => {
      const progress: Progress = { published: 0, recorded: 0 };
      this.#progress.set(request.workerId, progress);
      publisher.onRecorded(({ sequence }) => (progress.recorded = sequence));
      const publish: typeof publisher.publish = (event) => {
        progress.published += 1;
        return publisher.publish(event);
      };
      const { workerId, generation } = publisher;
      const followed = {
        workerId,
        generation,
        publish,
        disconnect: publisher.disconnect.bind(publisher),
        onRecorded: publisher.onRecorded.bind(publisher),
        decide: publisher.decide.bind(publisher),
      };
      return backend.spawn(request, followed, call);
    };
  }
}
