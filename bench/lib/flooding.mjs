import { once } from 'node:events';

import { ownEnd } from './ends.mjs';
import { event300 } from './events.mjs';
import { readLines } from './lines.mjs';

/**
 * In a child program: answers a number with as many lines of events, whole lines to a write, as many as make
 * `leastCharacters`. It is no more ahead of the reader than the stream says.
 */
export async function flooding(leastCharacters) {
  const { input, output } = await ownEnd();
  readLines(input, async (line) => {
    const events = Number(line);
    if (events === 0) output.write('{"ready":true}\n');
    let lines = '';
    for (let sequence = 1; sequence <= events; sequence += 1) {
      lines += `${JSON.stringify({ sequence, event: event300 })}\n`;
      if (lines.length < leastCharacters && sequence < events) continue;
      if (!output.write(lines)) await once(output, 'drain');
      lines = '';
    }
  });
}
