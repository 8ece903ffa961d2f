import { resolve } from 'node:path';

import { methods } from '@agentclientprotocol/sdk';

/** Asks the client and says back what it answers: JSON, or `error CODE MESSAGE`. */
async function saidBack(turn, request) {
  try {
    await turn.say(JSON.stringify((await request()) ?? null));
  } catch (error) {
    turn.signal.throwIfAborted();
    await turn.say(`error ${error.code} ${error.message}`);
  }
}

const { fs, terminal } = methods.client;

/** A command in a terminal of the client, with what is done to it; the terminal is given back at its end. */
const inTerminal = (act) => (turn, rest) => {
  const [command, ...args] = rest.split(' ');
  return saidBack(turn, async () => {
    const { terminalId } = await turn.request(terminal.create, { command, args, cwd: turn.session.cwd });
    const ask = (method) => turn.request(method, { terminalId });
    try {
      return await act(ask);
    } finally {
      await ask(terminal.release);
    }
  });
};

const endOf = async (ask) => ({ ...(await ask(terminal.waitForExit)), ...(await ask(terminal.output)) });

/** Words that ask the client, and words that say back what it said. Paths are taken from the session's folder. */
export const requestWords = {
  /** `read PATH [LINE [LIMIT]]` */
  read(turn, rest) {
    const [path = '', line, limit] = rest.split(' ');
    const numbers = { ...(line && { line: Number(line) }), ...(limit && { limit: Number(limit) }) };
    return saidBack(turn, () => turn.request(fs.readTextFile, { path: resolve(turn.session.cwd, path), ...numbers }));
  },
  /** `write PATH TEXT` */
  write(turn, rest) {
    const [path = '', ...content] = rest.split(' ');
    const file = resolve(turn.session.cwd, path);
    return saidBack(turn, () => turn.request(fs.writeTextFile, { path: file, content: content.join(' ') }));
  },
  terminal: inTerminal(endOf),
  'terminal-kill': inTerminal(async (ask) => {
    await ask(terminal.kill);
    return endOf(ask);
  }),
  /** A tool call that shows a terminal, whose output nobody tells but the client. */
  async 'shown-terminal'(turn, rest) {
    const [command, ...args] = rest.split(' ');
    const toolCallId = 'call-shown';
    const { terminalId } = await turn.request(terminal.create, { command, args, cwd: turn.session.cwd });
    const content = [{ type: 'terminal', terminalId }];
    await turn.update({ sessionUpdate: 'tool_call', toolCallId, title: command, status: 'in_progress', content });
    await turn.request(terminal.waitForExit, { terminalId });
    await turn.request(terminal.release, { terminalId });
    await turn.update({ sessionUpdate: 'tool_call_update', toolCallId, status: 'completed' });
  },
  /** Leaves the terminal and what runs in it to the client. */
  'terminal-leave'(turn, rest) {
    const [command, ...args] = rest.split(' ');
    return saidBack(turn, () => turn.request(terminal.create, { command, args }));
  },
  /** Leaves a command to the client that never ends, and says its number. */
  async 'terminal-stays'(turn) {
    const args = ['-c', 'echo $$; exec sleep 300'];
    const { terminalId } = await turn.request(terminal.create, { command: 'sh', args });
    for (;;) {
      turn.signal.throwIfAborted();
      const { output } = await turn.request(terminal.output, { terminalId });
      if (output.endsWith('\n')) return turn.say(output.trim());
    }
  },
  /** `request METHOD JSON`: anything else. */
  request(turn, rest) {
    const [method, ...params] = rest.split(' ');
    return saidBack(turn, () => turn.request(method, JSON.parse(params.join(' ') || '{}')));
  },
  echo: (turn) => turn.say(JSON.stringify(turn.prompt)),
  /** `said initialize`, `said session`: what the client sent with it. */
  said: (turn, rest) => turn.say(JSON.stringify(turn.said[rest] ?? null)),
  prompts: (turn) => turn.say(String(turn.session.prompts())),
  modes: (turn) => turn.say(turn.session.mode),
  pid: (turn) => turn.say(String(process.pid)),
  folder: (turn) => turn.say(JSON.stringify({ session: turn.session.cwd, program: process.cwd() })),
  environment: (turn, rest) => turn.say(process.env[rest] ?? 'not set'),
};
