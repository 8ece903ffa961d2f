import { AsyncLocalStorage } from 'node:async_hooks';
import type { Runtime } from 'node:inspector';
import { Session } from 'node:inspector';

import { withDynamicImports } from './dynamic-imports.js';
import { interruptible } from './interruptible.js';
import type { Gate } from './interruptible.js';
import type { RunResult } from './messages.js';
import { showPromisesPlain } from './plain-promises.js';
import { printedError, printedValue } from './printed.js';

export interface EvaluatorOptions {
  readonly onEnded: (run: number, result: RunResult) => void;
  /** Open while SIGINT ends only what the user's code does. */
  readonly gate: Gate;
  /** The global function that stands for `import()`. */
  readonly importName: string;
}

type Answer = Runtime.EvaluateReturnType | undefined;
const objectGroup = 'workport-run';

/**
 * Runs the user's code in the global scope of this thread, as a console does: V8's own REPL mode keeps declarations
 * between inputs and takes `await` at the top level. One run at a time.
 */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #session = new Session();
  readonly #runs = new AsyncLocalStorage<number>();
  readonly #receiver: string;
  #current: number | undefined;
  #received: unknown;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
    this.#session.connect();
    this.#runs.run(0, showPromisesPlain);
    this.#receiver = this.#introduce((value) => (this.#received = value));
  }

  /** The run that the code belongs to which is running just now. It may have ended. */
  get running(): number | undefined {
    return this.#runs.getStore();
  }

  run(run: number, code: string): void {
    this.#current = run;
    let isSynchronous = true;
    let answer: { readonly value: Answer } | undefined;
    const expression = withDynamicImports(code, this.#options.importName);
    const wasInterrupted = this.#runs.run(run, () =>
      this.#interruptible(() => {
        const parameters = { expression, objectGroup, replMode: true, awaitPromise: true };
        this.#session.post('Runtime.evaluate', parameters, (_error, value?: Answer) => {
          answer = { value };
          if (!isSynchronous) this.#settle(run, value);
        });
      }),
    );
    isSynchronous = false;
    if (wasInterrupted) this.#end(run, { how: 'error', text: 'Error: interrupted' });
    else if (answer) this.#settle(run, answer.value);
  }

  /** Lets go of a run that waits: what it does from now on belongs to no run. */
  cancel(run: number): void {
    if (this.#current === run) this.#end(run, { how: 'cancelled' });
    else this.#options.onEnded(run, { how: 'cancelled' });
  }

  #settle(run: number, answer: Answer): void {
    if (this.#current !== run) return;
    let result: RunResult = { how: 'error', text: 'Error: its value cannot be shown' };
    this.#runs.run(run, () => this.#interruptible(() => (result = this.#resultOf(answer))));
    this.#end(run, result);
    this.#session.post('Runtime.releaseObjectGroup', { objectGroup });
  }

  #resultOf(answer: Answer): RunResult {
    if (answer?.exceptionDetails) {
      const { exception, text } = answer.exceptionDetails;
      return { how: 'error', text: exception ? printedError(this.#valueOf(exception)) : text };
    }
    return { how: 'value', text: answer && printedValue(this.#valueOf(answer.result)) };
  }

  #end(run: number, result: RunResult): void {
    this.#current = undefined;
    this.#options.onEnded(run, result);
  }

  /** Answers whether it was interrupted. What it throws counts as nothing done. */
  #interruptible(work: () => void): boolean {
    try {
      return !interruptible(work, this.#options.gate);
    } catch {
      return false;
    }
  }

  /** What the inspector only has a name for, as the value itself. */
  #valueOf({ objectId, unserializableValue, value }: Runtime.RemoteObject): unknown {
    const argument = objectId
      ? { objectId }
      : unserializableValue
        ? { unserializableValue }
        : { value: value as unknown };
    this.#received = undefined;
    this.#session.post('Runtime.callFunctionOn', {
      objectId: this.#receiver,
      functionDeclaration: 'function (value) { this(value); }',
      arguments: [argument],
    });
    return this.#received;
  }

  /** Makes a function known to the inspector. Its name is gone before any of the user's code runs. */
  #introduce(receive: (value: unknown) => void): string {
    const name = '__workportReceiver';
    Reflect.set(globalThis, name, receive);
    let objectId: string | undefined;
    this.#session.post('Runtime.evaluate', { expression: name }, (_error, answer?: Answer) => {
      objectId = answer?.result.objectId;
    });
    Reflect.deleteProperty(globalThis, name);
    if (objectId === undefined) throw new Error('the inspector is not there');
    return objectId;
  }
}
