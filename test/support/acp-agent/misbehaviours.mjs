const nothing = (words) => words;
const first = (before) => (words) => `${before}; ${words}`;

/** Each misbehaviour by name, with what becomes of the words of every prompt. */
export const misbehaviours = {
  'prints-before-initialize': nothing,
  'exits-before-initialize': nothing,
  'never-answers': nothing,
  'wrong-version': nothing,
  'opens-a-terminal-first': nothing,
  'never-opens': nothing,
  'refuses-sessions': nothing,
  'needs-authentication': nothing,
  'ignores-cancel': nothing,
  'ignores-stdin-end': nothing,
  'ignores-sigterm': nothing,
  'exits-in-prompt': first('message begun; exit 3'),
  'prints-in-prompt': first('raw this is no message'),
  'long-line': first(`stream 1 ${64 * 1024 * 1024}`),
  floods: first('flood'),
  'answers-nothing-asked': first('raw {"jsonrpc":"2.0","id":4711,"result":{"stopReason":"end_turn"}}'),
  'asks-after-end': (words) => `${words}; later; ask`,
  'doubles-tool-calls': first('double-tool'),
  'hostile-tool-calls': first('hostile-tools'),
  'leaves-a-child': first('child'),
};

/** What goes wrong before the first message. */
export function misbehaveAtStart(misbehaves) {
  if (misbehaves('ignores-sigterm')) process.on('SIGTERM', () => undefined);
  if (misbehaves('prints-before-initialize')) process.stdout.write('Welcome to the agent!\n');
  if (misbehaves('exits-before-initialize')) {
    process.stderr.write('no such model\n');
    process.exit(7);
  }
}
