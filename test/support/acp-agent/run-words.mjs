import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

import { methods, RequestError } from '@agentclientprotocol/sdk';

const aborted = (signal) =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

const line = (text) => new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));

async function untilThere(file, signal) {
  while (!existsSync(file)) await setTimeout(5, undefined, { signal });
}

/** Until the client has taken all that was said to it before: it reads on after an update when it has handed it on. */
async function untilRead(turn) {
  await turn.say('asking');
  await turn.request('_scripted/nothing', {}).catch(() => undefined);
}

const optionsOf = (kinds) =>
  kinds.map((kind) => ({ optionId: kind.replace('_once', ''), kind, name: kind.replaceAll('_', ' ') }));

/** Asks for a permission and answers what was said: `{outcome, optionId?}`. */
async function ask(turn, { kinds = ['allow_once', 'reject_once'], toolCallId = 'asked', signal } = {}) {
  const toolCall = { toolCallId, title: 'Go on?', kind: 'execute', status: 'pending', rawInput: { command: 'go on' } };
  const send = signal && { cancellationSignal: signal };
  const asked = { toolCall, options: optionsOf(kinds) };
  const { outcome } = await turn.request(methods.client.session.requestPermission, asked, send);
  turn.signal.throwIfAborted();
  return outcome;
}

const outcomeText = ({ outcome, optionId }) => (optionId === undefined ? outcome : `${outcome} ${optionId}`);

/** Words that run, wait, ask, or go wrong. */
export const runWords = {
  complete: (turn) => turn.say('begun'),
  async stream(turn, rest) {
    const [count = 1, bytes = 1] = rest.split(' ').map(Number);
    for (let index = 0; index < count; index += 1) {
      turn.signal.throwIfAborted();
      await turn.say(`${index}`.padEnd(bytes, '.'));
    }
  },
  async flood(turn, rest) {
    const text = 'flood'.padEnd(Number(rest) || 1024, '.');
    while (!turn.signal.aborted) await turn.say(text);
    throw turn.signal.reason;
  },
  async wait(turn) {
    await turn.say('begun');
    await aborted(turn.signal);
  },
  /** `ask`, or `ask allow_once allow_always reject_once` with the kinds of its options. */
  async ask(turn, rest) {
    const outcome = await ask(turn, rest ? { kinds: rest.split(' ') } : {});
    if (outcome.outcome === 'cancelled') return outcome.outcome;
    await turn.say(outcomeText(outcome));
  },
  async 'ask-twice'(turn) {
    const outcomes = await Promise.all([ask(turn, { toolCallId: 'first' }), ask(turn, { toolCallId: 'second' })]);
    await turn.say(outcomes.map(outcomeText).join(', '));
  },
  /** Asks, and takes it back when the client has it: `withdraw FILE` when that file is there. */
  async withdraw(turn, file) {
    const takesBack = new AbortController();
    const answered = ask(turn, { signal: takesBack.signal }).catch(() => ({ outcome: 'withdrawn' }));
    await (file ? untilThere(file, turn.signal) : untilRead(turn));
    takesBack.abort();
    await turn.say(outcomeText(await answered));
  },
  async fail(turn) {
    await turn.say('begun');
    throw RequestError.internalError(turn.secret === undefined ? undefined : { secret: turn.secret });
  },
  exit: (_, rest) => process.exit(Number(rest)),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  stop: (_, rest) => rest,
  raw: (_, rest) => line(rest),
  /** Starts a program that ends with nothing but SIGKILL, in the agent's own group, and says its number. */
  async child(turn) {
    const script = 'process.on("SIGTERM", () => undefined); setInterval(() => undefined, 60_000); console.log("ready")';
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.unref();
    child.stdout.destroy();
    await turn.say(`child ${child.pid}`);
  },
};
