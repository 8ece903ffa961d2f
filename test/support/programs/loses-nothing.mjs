// A backend whose Workers outlive its process, whoever serves it: what a Worker says is in its journal before it is
// published, and goes on from there. `say N` and `burst N` do that, `hang` waits for its cancel, `refuse` is refused.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { defineBackend } from '../../../dist/adapters/execution-backend/define-backend.js';

import { account, pause, taken, wordsOf } from './keep-account.mjs';

const folder = process.env.KILL_JOURNALS;
const executions = new Map();

/** The events of a Worker, and where in them each generation begins. */
class Journal {
  events = [];
  #begins = new Map();
  #file;

  constructor(workerId) {
    this.#file = join(folder, `${workerId}.journal`);
    const lines = existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n').filter(Boolean) : [];
    for (const line of lines) this.#take(JSON.parse(line));
  }

  add(event) {
    this.#write({ event });
  }

  begin(generation, index = this.events.length) {
    this.#write({ generation, index });
  }

  indexOf({ generation, sequence }) {
    const begin = this.#begins.get(generation);
    return begin === undefined ? undefined : begin + sequence;
  }

  #write(line) {
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
    this.#take(line);
  }

  #take({ event, generation, index }) {
    if (event) this.events.push(event);
    else this.#begins.set(generation, index);
  }
}

class Execution {
  run;
  #journal;
  #publisher;
  #said = Promise.resolve();

  constructor(journal, publisher) {
    this.#journal = journal;
    this.#publisher = publisher;
  }

  start(inputId, words, step = 0) {
    const run = { inputId, isOver: false, wake: () => undefined };
    this.run = run;
    run.done = this.#perform(run, words, step);
  }

  async #perform(run, [verb, count = '0'], from) {
    for (let step = from; step < Number(count) && !run.isOver; step += 1) {
      if (verb === 'say') await pause(step % 7);
      if (run.isOver) break;
      const { inputId } = run;
      await this.#say({ type: 'text-delta', messageId: `${inputId}:text`, text: `${step};`, inputId });
    }
    if (verb === 'hang' && !run.isOver) await new Promise((resolve) => (run.wake = resolve));
    await this.#say({ type: 'run-ended', end: run.isOver ? 'cancelled' : 'completed', inputId: run.inputId });
    this.run = undefined;
  }

  #say(event) {
    this.#journal.add(event);
    return this.publish(event);
  }

  /** In the order of the calls, as there is room. */
  publish(event) {
    this.#said = this.#said.then(() => this.#publisher.publish(event));
    return this.#said;
  }

  async cancel() {
    const { run } = this;
    if (!run) return;
    run.isOver = true;
    run.wake();
    await run.done;
  }
}

function recover({ handle, position, inputId }, publisher) {
  const { workerId, generation } = handle;
  const journal = new Journal(workerId);
  const index = journal.indexOf(position);
  const missing = journal.events.slice(index);
  if (index === undefined || index > journal.events.length || missing.some((event) => event.inputId !== inputId)) {
    account({ what: 'strange', workerId, generation, position, inputId, index, missing });
    return { outcome: 'lost' };
  }
  const isResumed = generation === position.generation;
  if (!isResumed) journal.begin(generation, index);
  const execution = new Execution(journal, publisher);
  executions.set(workerId, execution);
  account({ what: isResumed ? 'resume' : 'take-over', workerId, generation });
  for (const event of missing) void execution.publish(event);
  const entry = inputId === undefined ? undefined : taken(inputId);
  const own = journal.events.filter((event) => event.inputId === inputId);
  if (entry && !own.some(({ type }) => type === 'run-ended')) execution.start(inputId, entry.words, own.length);
  return { outcome: 'adopted', ...(inputId !== undefined && { taken: entry !== undefined }) };
}

export const backend = defineBackend({
  id: 'loses-nothing',
  spawn({ workerId, generation, displayName = '' }, publisher) {
    if (displayName.startsWith('refused-spawn')) return { outcome: 'rejected' };
    const journal = new Journal(workerId);
    journal.begin(generation);
    account({ what: 'begin', workerId, generation });
    executions.set(workerId, new Execution(journal, publisher));
    return { outcome: 'connected' };
  },
  recover,
  async dispatch({ workerId, generation }, input) {
    const words = wordsOf(input);
    const execution = executions.get(workerId);
    if (words[0] === 'refuse' || !execution) return { outcome: 'rejected' };
    if (execution.run) return { outcome: 'busy' };
    account({ what: 'take', workerId, generation, inputId: input.inputId, words });
    execution.start(input.inputId, words);
    return { outcome: 'accepted' };
  },
  async cancel({ workerId }, { inputId }) {
    const execution = executions.get(workerId);
    if (execution?.run?.inputId !== inputId) return { outcome: 'rejected', code: 'input-not-open' };
    await execution.cancel();
    return { outcome: 'accepted' };
  },
  async stop({ workerId, generation }) {
    const execution = executions.get(workerId);
    executions.delete(workerId);
    await execution?.cancel();
    if (execution) account({ what: 'end', workerId, generation });
    return { outcome: 'accepted', end: 'stopped' };
  },
});
