// What the programs of the kill test have done, told by themselves: a line each, written before they answer.
import { appendFileSync, readFileSync } from 'node:fs';

const file = process.env.KILL_ACCOUNT;

/** One write to a file that is only ever added to: it is there whatever ends the process. */
export function account(entry) {
  appendFileSync(file, `${JSON.stringify({ pid: process.pid, life: process.env.WORKPORT_CHECK_MARK, ...entry })}\n`);
}

/** The input as it was taken, by whichever process took it. */
export function taken(inputId) {
  // Who reads while another process adds a line may see the beginning of it.
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line)).find((entry) => entry.what === 'take' && entry.inputId === inputId);
}

export const wordsOf = (input) => (input.parts[0]?.text ?? '').split(' ');
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
