import { fileURLToPath } from 'node:url';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';

import { processIdentity } from '../../src/adapters/execution-backend/process/process-identity.js';

/** The path of a fixture program. */
export const programPath = (name: string): string => fileURLToPath(new URL(`./programs/${name}`, import.meta.url));

/** Whether a process runs; one that is dead and only not yet reaped does not. */
export const isRunning = async (pid: number): Promise<boolean> => (await processIdentity(pid)) !== undefined;

/** The first line of a stream. The stream goes on being read. */
export function firstLine(stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stream });
    lines.once('line', resolve);
    lines.once('close', () => reject(new Error('the stream ended without a line')));
  });
}

export async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
