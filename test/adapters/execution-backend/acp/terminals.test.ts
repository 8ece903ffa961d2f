import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, describe, expect, test, vi } from 'vitest';

import { OutputTail } from '../../../../src/adapters/execution-backend/acp/output-tail.js';
import { Terminals } from '../../../../src/adapters/execution-backend/acp/terminals.js';
import { programEnvironment } from '../../../../src/adapters/execution-backend/process/index.js';
import type { Clock } from '../../../../src/ports/clock.js';
import { systemClock } from '../../../../src/ports/clock.js';
import { nullLogger } from '../../../../src/ports/logger.js';
import { say, stop } from '../../../support/backend-bench.js';
import { isRunning } from '../../../support/programs.js';
import { virtualClock } from '../../../support/virtual-clock.js';
import { agentBackend, agentFolder, connectedWorker, reply } from './support.js';

const all: Terminals[] = [];
afterAll(() => Promise.all(all.map((terminals) => terminals.end())));

function terminalsIn(cwd = agentFolder(), clock: Clock = systemClock) {
  const environment = () => programEnvironment({ OURS: 'ours' });
  const terminals = new Terminals({ cwd, environment }, { clock, logger: nullLogger, register: undefined });
  all.push(terminals);
  const create = (command: string, more: object = {}) => terminals.create({ sessionId: 's', command, ...more });
  return { terminals, create, cwd };
}
async function ended(command: string, more: object = {}) {
  const { terminals, create } = terminalsIn();
  const { terminalId } = await create(command, more);
  const exit = await terminals.exit(terminalId);
  return { exit, ...terminals.output(terminalId) };
}
/** The number of a process that writes it to a file of that name. */
const pidIn = (cwd: string, name = 'pid'): Promise<number> =>
  vi.waitFor(() => {
    const pid = Number(readFileSync(join(cwd, name), 'utf8'));
    expect(pid).toBeGreaterThan(0);
    return pid;
  }, 5_000);
const stubborn = (name = 'pid') => `trap '' TERM; echo $$ > ${name}; while :; do sleep 0.1; done`;

describe.concurrent('terminals', () => {
  test('a command puts out what it prints to both streams, and ends with its code', async () => {
    const { exit, output, truncated } = await ended('echo out; echo err >&2; exit 3');
    expect({ exit, output, truncated }).toEqual({
      exit: { exitCode: 3, signal: null },
      output: 'out\nerr\n',
      truncated: false,
    });
  });

  test('arguments are handed on as they are, with the variables of the agent and those of the request', async () => {
    const args = ['-c', 'printf "%s|" "$0" "$@" "$OURS" "$THEIRS" "$WORKPORT"', 'a b', '$HOME', '; rm -rf'];
    const env = [
      { name: 'THEIRS', value: 'theirs' },
      { name: '__proto__', value: 'x' },
    ];
    expect((await ended('sh', { args, env })).output).toBe('a b|$HOME|; rm -rf|ours|theirs||');
  });

  test.each([
    ['a signal', 'kill -KILL $$', { exitCode: null, signal: 'SIGKILL' }],
    ['a command that is not found', 'no-such-command-here', { exitCode: 127, signal: null }],
  ])('%s is told as an exit', async (_what, command, exit) => {
    expect((await ended(command)).exit).toMatchObject(exit);
  });

  test('a command that no system can start ends all the same', async () => {
    expect((await ended('nul \0 inside')).exit).toEqual({ exitCode: null, signal: null });
  });

  test('of what is printed the last bytes are kept, from a whole character on', async () => {
    const { output, truncated } = await ended('printf "ééééé"', { outputByteLimit: 5 });
    expect({ output, truncated }).toEqual({ output: 'éé', truncated: true });
    expect(await ended('printf "much"', { outputByteLimit: 0 })).toMatchObject({ output: '', truncated: true });
    const much = await ended('head -c 5000000 /dev/zero', { outputByteLimit: 1e12 });
    expect(much.output).toHaveLength(1024 * 1024);
  });

  test('what is kept of an output is bounded, however it comes', () => {
    const tail = new OutputTail(10);
    for (let count = 0; count < 1_000; count += 1) tail.push(Buffer.from('😀é'));
    expect(tail.text).toBe('é😀é');
    expect(tail.isTruncated).toBe(true);
  });

  test('a folder in the folder is taken, and one outside is refused, wherever links lead', async () => {
    const { terminals, create, cwd } = terminalsIn();
    mkdirSync(join(cwd, 'in'));
    symlinkSync('in', join(cwd, 'link-in'));
    symlinkSync(dirname(cwd), join(cwd, 'link-out'));
    const { terminalId } = await create('pwd', { cwd: join(cwd, 'link-in') });
    await terminals.exit(terminalId);
    expect(terminals.output(terminalId).output).toBe(`${join(cwd, 'in')}\n`);
    for (const folder of ['/', '..', join(cwd, '..'), join(cwd, 'link-out'), join(cwd, 'no'), `${cwd}-beside`])
      await expect(create('pwd', { cwd: folder })).rejects.toThrow();
  });

  test('kill ends the command and leaves what it printed; release forgets it', async () => {
    const clock = virtualClock();
    const { terminals, create } = terminalsIn(agentFolder(), clock);
    const { terminalId } = await create('echo begun; exec sleep 300');
    await vi.waitFor(() => expect(terminals.output(terminalId).output).toBe('begun\n'), 5_000);
    const waiting = terminals.exit(terminalId);
    const killed = terminals.kill(terminalId);
    await clock.advance(1_000);
    await killed;
    expect(await waiting).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
    expect(terminals.output(terminalId)).toMatchObject({ output: 'begun\n', exitStatus: { signal: 'SIGTERM' } });
    await terminals.release(terminalId);
    for (const ask of [() => terminals.kill(terminalId), () => terminals.release(terminalId)])
      await expect(ask()).rejects.toThrow('there is no terminal');
    expect(() => terminals.output(terminalId)).toThrow('there is no terminal');
    expect(terminals.textOf(terminalId)).toBe('begun\n');
  });

  test('no more than 32 run, also where they are asked for at once', async () => {
    const { create } = terminalsIn();
    const asked = await Promise.allSettled(Array.from({ length: 40 }, () => create('exec sleep 300')));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(32);
  });

  test('W13: the end takes terminals that run, those that were given back, and those that are just asked for', async () => {
    const { terminals, create, cwd } = terminalsIn();
    await create(stubborn('held'));
    const { terminalId } = await create(stubborn('released'));
    const pids = [await pidIn(cwd, 'held'), await pidIn(cwd, 'released')];
    const released = terminals.release(terminalId);
    const late = expect(create(stubborn('late'))).rejects.toThrow('is being ended');
    await terminals.end();
    for (const pid of pids) expect(await isRunning(pid)).toBe(false);
    await released;
    await late;
    await expect(create('true')).rejects.toThrow('is being ended');
  });

  test('an agent that may has them, and what it leaves is ended with it', async () => {
    const { backend } = agentBackend([], { terminals: true });
    const worker = await connectedWorker(backend);
    expect(JSON.parse(await reply(backend, worker, 'terminal echo hi'))).toMatchObject({ exitCode: 0, output: 'hi\n' });
    expect(JSON.parse(await reply(backend, worker, 'terminal-kill sleep 300'))).toMatchObject({ signal: 'SIGTERM' });
    const pid = Number(await reply(backend, worker, 'terminal-stays'));
    expect(await isRunning(pid)).toBe(true);
    expect(await stop(backend, worker, 1_000)).toMatchObject({ outcome: 'accepted' });
    expect(await isRunning(pid)).toBe(false);
  });

  test('B2: a tool call that shows a terminal ends with what was printed there, though the terminal was given back', async () => {
    const { backend } = agentBackend([], { terminals: true });
    const worker = await connectedWorker(backend);
    const events = await say(backend, worker, 'shown-terminal echo hi');
    expect(events.find(({ type }) => type === 'tool-call-ended')).toMatchObject({ output: 'hi\n' });
  });
});
