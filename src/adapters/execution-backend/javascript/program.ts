/** The program of the `javascript` backend. The main thread belongs to the user's code, the wire to a thread of its own. */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { constants, Script } from 'node:vm';
import { Worker } from 'node:worker_threads';

import { captureOutput } from './captured-output.js';
import { Evaluator } from './evaluator.js';
import type { FromEvaluator, ToEvaluator } from './messages.js';
import { interrupt, outputRoom, shared, sharedBytes } from './messages.js';
import { pieces, printedError } from './printed.js';
import { maxChunkCharacters } from './turn.js';

const importName = '__workportImport';
/** Held here, for the user's code may do away with the global one. */
const atomics = Atomics;
const exitMs = 500;
const waitMs = 1000;

const state = new Int32Array(new SharedArrayBuffer(sharedBytes));
const channel = new Worker(new URL('./channel.js', import.meta.url), { workerData: state.buffer });
const say = (message: FromEvaluator): void => channel.postMessage(message);
let printed = 0;
let told = 0;

/** Waits for room, so that what is printed never piles up. SIGINT ends the wait as it ends a loop. */
function print(stream: 'stdout' | 'stderr', text: string): void {
  for (const piece of pieces(text, maxChunkCharacters)) {
    for (;;) {
      const consumed = atomics.load(state, shared.consumed);
      if (((printed - consumed) | 0) < outputRoom) break;
      atomics.wait(state, shared.consumed, consumed, waitMs);
    }
    printed = (printed + piece.length) | 0;
    // What was counted and not said, since a SIGINT came between the two, is said with the next.
    const size = (printed - told) | 0;
    say({ type: 'output', run: evaluator.running, stream, text: piece, size });
    told = printed;
  }
}

const evaluator = new Evaluator({
  importName,
  onEnded: (run, result) => say({ type: 'ended', run, ...result }),
  gate: {
    open: () => atomics.store(state, shared.interrupt, interrupt.possible),
    close: () => {
      const { possible, none, sent } = interrupt;
      if (atomics.compareExchange(state, shared.interrupt, possible, none) === sent) {
        atomics.wait(state, shared.interrupt, sent, waitMs);
      }
    },
  },
});

const here = join(process.cwd(), 'session.js');
const importer = new Script('(specifier, options) => import(specifier, options)', {
  filename: here,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
Object.defineProperty(globalThis, importName, { value: importer.runInThisContext() });
Object.defineProperty(globalThis, 'require', { value: createRequire(here), writable: true, configurable: true });
delete process.env['WORKPORT_BACKEND'];
captureOutput(print);

channel.on('message', (message: ToEvaluator) => {
  if (message.type === 'run') evaluator.run(message.run, message.code);
  else if (message.type === 'cancel') evaluator.cancel(message.run);
  else process.exit(0);
});
channel.on('error', (error) => {
  writeSync(2, `${error.stack ?? error.message}\n`);
  process.exit(1);
});
channel.on('exit', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.on('uncaughtException', (error) => print('stderr', `${printedError(error)}\n`));
process.on('unhandledRejection', (reason) => print('stderr', `${printedError(reason)}\n`));
process.on('exit', () => {
  say({ type: 'exiting' });
  atomics.wait(state, shared.flushed, 0, exitMs);
});
