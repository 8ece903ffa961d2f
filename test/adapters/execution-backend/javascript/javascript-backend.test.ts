import { expect, onTestFinished, test, vi } from 'vitest';

import { javascriptBackend } from '../../../../src/adapters/execution-backend/javascript/index.js';
import type { BackendEvent } from '../../../../src/domain/observation/event.js';
import type { ExecutionBackend } from '../../../../src/ports/execution-backend.js';
import type { Execution } from '../../../support/backend-bench.js';
import { cancel, execution, say, send, spawn, stop } from '../../../support/backend-bench.js';
import { isRunning } from '../../../support/programs.js';
import { recordingLogger } from '../../../support/recording-logger.js';

interface JavascriptSession {
  readonly backend: ExecutionBackend;
  readonly worker: Execution;
  readonly logger: ReturnType<typeof recordingLogger>;
  /** What a run says, without its id: `text`, `stdout …`, `stderr …`, then its end. */
  run(code: string): Promise<string[]>;
}

async function session(): Promise<JavascriptSession> {
  const logger = recordingLogger();
  const backend = javascriptBackend({}, { logger });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  const worker = execution();
  const outcome = await spawn(backend, worker);
  expect(outcome).toMatchObject({ outcome: 'connected', codes: ['user-error'] });
  return { backend, worker, logger, run: async (code) => told(await say(backend, worker, code)) };
}

/** Neighbouring output of one stream is one line here, however it was cut. */
function told(events: readonly BackendEvent[]): string[] {
  const lines: string[] = [];
  let printing = '';
  for (const event of events) {
    const isMore = event.type === 'output' && event.stream === printing;
    printing = event.type === 'output' ? event.stream : '';
    if (event.type === 'output')
      lines.push(isMore ? `${lines.pop() ?? ''}${event.text}` : `${event.stream} ${event.text}`);
    else if (event.type === 'text-completed') lines.push(event.text);
    else if (event.type === 'run-ended')
      lines.push(event.code === undefined ? event.end : `${event.end} ${event.code}`);
    else lines.push(event.type);
  }
  return lines;
}
const isLate = (event: BackendEvent): boolean => event.type === 'output' && event.inputId === undefined;

test('variables, functions and classes live between inputs', async () => {
  const { run } = await session();
  expect(await run('const a = 6; a * 7')).toEqual(['42', 'completed']);
  expect(await run('a + 1')).toEqual(['7', 'completed']);
  expect(await run('let b = [a]; class C { m() { return b } } function f() { return new C().m() }')).toEqual([
    'completed',
  ]);
  expect(await run('f()')).toEqual(['[ 6 ]', 'completed']);
  expect(await run('const a = 9; a')).toEqual(['9', 'completed']);
});

test('await, import() and require work, and what they bring lives on', async () => {
  const { run } = await session();
  expect(await run('const x = await Promise.resolve(5); x')).toEqual(['5', 'completed']);
  expect(await run('const os = await import("node:os"); typeof os.tmpdir')).toEqual([`'function'`, 'completed']);
  expect(await run('const path = require("node:path"); path.join("a", "b")')).toEqual([`'a/b'`, 'completed']);
  expect(await run('`${x} ${typeof os.EOL} import("nothing")`')).toEqual([`'5 string import("nothing")'`, 'completed']);
  expect(await run('const load = (name) => import (name); (await load("node:util")).inspect(x)')).toEqual([
    `'5'`,
    'completed',
  ]);
});

test('what is printed is output of its run, on its stream', async () => {
  const { run } = await session();
  const code = 'console.log("one", {two: 2}); process.stdout.write("three"); console.error("four"); 5';
  expect(await run(code)).toEqual(['stdout one { two: 2 }\nthree', 'stderr four\n', '5', 'completed']);
  expect(await run('for (const byte of Buffer.from("h\u00e9")) process.stdout.write(Buffer.of(byte))')).toEqual([
    'stdout h\u00e9',
    'true',
    'completed',
  ]);
  expect(await run('console.table([{a: 1}]); process.stdout.end("end"); console.log("still")')).toEqual([
    expect.stringContaining('endstill\n'),
    'completed',
  ]);
});

test('a value is shown as util.inspect does, to depth 4 and 64 KiB; undefined is not shown', async () => {
  const { run } = await session();
  expect(await run('undefined')).toEqual(['completed']);
  expect(await run('"text"')).toEqual([`'text'`, 'completed']);
  expect(await run('({a:{b:{c:{d:{e:{f:{}}}}}}})')).toEqual([expect.stringContaining('[Object]'), 'completed']);
  expect(await run('10n ** 20n')).toEqual(['100000000000000000000n', 'completed']);
  expect(await run('Symbol("s")')).toEqual(['Symbol(s)', 'completed']);
  expect(await run('-0')).toEqual(['-0', 'completed']);
  expect(await run('[Promise.resolve(3)]')).toEqual(['[ Promise { 3 } ]', 'completed']);
  const [long] = await run('Array.from({length: 100}, () => "é".repeat(1000))');
  expect(Buffer.byteLength(long ?? '')).toBeLessThanOrEqual(64 * 1024);
  expect(long?.endsWith('…')).toBe(true);
  expect(await run('({ [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("no") } })')).toEqual([
    'stderr Error: its value cannot be shown',
    'failed user-error',
  ]);
});

test.each([
  ['throw new TypeError("wrong")', 'TypeError: wrong'],
  ['await Promise.reject(new RangeError("far"))', 'RangeError: far'],
  ['nowhere', 'ReferenceError: nowhere is not defined'],
  ['1 +', 'SyntaxError: Unexpected end of input'],
  ['throw {code: 5}', 'Uncaught { code: 5 }'],
  ['throw new Error("")', 'Error'],
  ['throw Object.defineProperty(new Error("x"), "message", { get() { throw 1 } })', 'Error: its value cannot be shown'],
  [
    'await import("./no-such-module.js").catch((error) => { throw new Error(error.code) })',
    'Error: ERR_MODULE_NOT_FOUND',
  ],
])('an error of the user is output on stderr and the end of the run: %s', async (code, text) => {
  const { run } = await session();
  expect(await run(`const kept = 1; ${code}`)).toEqual([`stderr ${text}`, 'failed user-error']);
  expect(await run('2 * 2')).toEqual(['4', 'completed']);
});

test.each([
  ['never ends', 'while (true) {}'],
  ['never ends and prints', 'for (;;) console.log("x".repeat(1000))'],
  ['catches everything', 'for (;;) { try { for (;;) {} } catch {} finally { for (;;) {} } }'],
  ['waits for a lock', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
  ['is lost in a pattern', '/(a+)+$/.test("a".repeat(50) + "b")'],
  ['never ends while its value is shown', '({ [Symbol.for("nodejs.util.inspect.custom")]() { for (;;) {} } })'],
  ['waits for ever', 'await new Promise(() => {})'],
  ['waits and prints', 'for (;;) { console.log("x"); await new Promise((resolve) => setTimeout(resolve, 1)) }'],
])('W11: cancel of code that %s leaves the session with its variables', async (_what, code) => {
  const { backend, worker, run } = await session();
  await run('let a = 6');
  const inputId = await send(backend, worker, `console.log("begun"); ${code}`);
  await worker.until((event) => event.type === 'output' && event.inputId === inputId);
  expect(await cancel(backend, worker, inputId)).toEqual({ outcome: 'accepted' });
  expect(worker.events.filter((event) => event.type === 'run-ended').at(-1)).toEqual({
    type: 'run-ended',
    end: 'cancelled',
    inputId,
  });
  const own = worker.events.filter((event) => event.inputId === inputId);
  expect(own.at(-1)?.type).toBe('run-ended');
  expect(await run('a + 1')).toEqual(['7', 'completed']);
});

test('what an abandoned run prints later belongs to no run', async () => {
  const { backend, worker, run } = await session();
  await run('let go; const gate = new Promise((resolve) => (go = resolve))');
  const inputId = await send(backend, worker, 'console.log("begun"); await gate; console.log("late words")');
  await worker.until((event) => event.type === 'output');
  await cancel(backend, worker, inputId);
  expect(await run('go(); await new Promise((resolve) => setTimeout(resolve, 20)); console.log("mine")')).toEqual([
    'stdout mine\n',
    'completed',
  ]);
  await worker.until(isLate);
  expect(worker.events.filter(isLate)).toEqual([{ type: 'output', stream: 'stdout', text: 'late words\n' }]);
});

test('what is printed after its run belongs to no run', async () => {
  const { worker, run } = await session();
  expect(await run('setTimeout(() => console.log("after"), 20); 1')).toEqual(['1', 'completed']);
  await worker.until(isLate);
  expect(worker.events.filter(isLate)).toEqual([{ type: 'output', stream: 'stdout', text: 'after\n' }]);
});

test('an error that nobody waits for is told, and the session goes on', async () => {
  const { worker, run } = await session();
  await run('setTimeout(() => { throw new Error("thrown late") }); Promise.reject(new Error("rejected late")); 1');
  await worker.until((event) => event.type === 'output' && event.text.includes('thrown late'));
  await vi.waitFor(() =>
    expect(worker.events.map((event) => ('text' in event ? event.text : '')).join('')).toContain(
      'Error: rejected late\n',
    ),
  );
  expect(await run('2 + 2')).toEqual(['4', 'completed']);
});

test('process.exit disconnects the Worker with its code, after the last words', async () => {
  const { backend, worker } = await session();
  await send(backend, worker, 'console.log("last words"); process.exit(3)').catch(() => undefined);
  expect(await worker.exited).toEqual({ kind: 'code', value: 3 });
  expect(told(worker.events)).toEqual(['stdout last words\n']);
});

test('code that blocks after it has waited keeps its cancel waiting, and its process can be ended', async () => {
  const { backend, worker, run } = await session();
  const [pid] = await run('process.pid');
  const inputId = await send(backend, worker, 'console.log("begun"); await 1; for (;;) {}');
  await worker.until((event) => event.type === 'output');
  const cancelled = cancel(backend, worker, inputId);
  expect(await stop(backend, worker, 0)).toEqual({ outcome: 'accepted', end: 'killed' });
  expect(await cancelled).toEqual({ outcome: 'errored', code: 'backend-disconnected' });
  expect(await isRunning(Number(pid))).toBe(false);
});

test('stop ends an endless loop and the process', async () => {
  const { backend, worker, run } = await session();
  const [pid] = await run('process.pid');
  const inputId = await send(backend, worker, 'console.log("begun"); for (;;) {}');
  await worker.until((event) => event.type === 'output');
  expect(await stop(backend, worker)).toEqual({ outcome: 'accepted', end: 'stopped' });
  expect(worker.events.at(-1)).toEqual({ type: 'run-ended', end: 'cancelled', inputId });
  expect(await isRunning(Number(pid))).toBe(false);
});

test('100 MB of output come whole and in order, in bounded memory', async () => {
  const { worker, run } = await session();
  await run('for (let count = 0; count < 100_000; count += 1) console.log(String(count).padStart(999, "-"))');
  const text = worker.events.map((event) => (event.type === 'output' ? event.text : '')).join('');
  expect(text).toHaveLength(100_000_000);
  expect(text.slice(-6)).toBe('99999\n');
  for (const event of worker.events)
    if (event.type === 'output') expect(event.text.length).toBeLessThanOrEqual(32 * 1024);
  const [resident] = await run('process.memoryUsage().rss');
  expect(Number(resident)).toBeLessThan(400e6);
});

test.each([
  ['Array.prototype.push = Array.prototype.shift = Array.prototype[Symbol.iterator] = undefined'],
  ['Promise.prototype.then = undefined; Promise.resolve = undefined'],
  ['Object.prototype.then = 1; String.prototype.slice = undefined; Map.prototype.get = undefined'],
  ['console = undefined; globalThis.process = undefined; globalThis.Atomics = undefined'],
  ['process.removeAllListeners()'],
  ['for (const name of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[name] } catch {}'],
])('after %s the session answers or is gone', async (code) => {
  const { backend, worker } = await session();
  const ends = Promise.race([say(backend, worker, code).catch(() => undefined), worker.exited]);
  await ends;
  await Promise.race([say(backend, worker, '1 + 1').catch(() => undefined), worker.exited]);
});

test('what bypasses process.stdout does not meet the frames, and goes to the operator log', async () => {
  const { logger, run } = await session();
  await run('require("fs").writeSync(1, "written past\\n")');
  await run('require("child_process").execSync("echo from a child", { stdio: "inherit" })');
  expect(await run('1')).toEqual(['1', 'completed']);
  const lines = (): unknown[] => logger.lines.map(({ fields }) => fields['line']);
  await vi.waitFor(() => expect(lines()).toEqual(expect.arrayContaining(['written past', 'from a child'])));
  expect(logger.lines.filter(({ message }) => message === 'protocol violation')).toEqual([]);
});

test('an input without text is refused', async () => {
  const { run } = await session();
  expect(await run('')).toEqual(['refused']);
});
