import assert from 'node:assert/strict';

import type { HeardLine, WirePeer } from './wire-peer.js';

/** An error that answers no request, or a word to the operator: the backend could not take a line. */
const isComplaint = ({ message }: HeardLine): boolean =>
  message?.method === 'log' || (message?.error !== undefined && (message.id ?? null) === null);

function names({ message, text }: HeardLine, line: number): boolean {
  if (message?.method === 'log') return text.includes(String(line));
  return message?.error?.data?.['line'] === line;
}

/** It said that it could not take this line, counted from 1 in what was sent to it (E1). */
export function assertComplaint(peer: WirePeer, line: number): void {
  const complaints = peer.heard.filter(isComplaint);
  assert.ok(
    complaints.some((complaint) => names(complaint, line)),
    `it says that line ${line} was wrong: an error with id null and data.line, or a log`,
  );
}

/** Waits until it has said that it could not take the line that was sent last. */
export async function complained(peer: WirePeer): Promise<void> {
  const line = peer.linesSent;
  const fits = (heard: HeardLine): boolean => isComplaint(heard) && names(heard, line);
  await peer.line(fits, `a complaint about line ${line}: an error with id null and data.line, or a log`);
}
