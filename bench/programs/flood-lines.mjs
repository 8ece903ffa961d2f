// The floor of a stream: as many lines in a write as a pipe holds, and no more ahead of the reader than the stream says.
import { once } from 'node:events';

import { ownEnd } from '../lib/ends.mjs';
import { event300 } from '../lib/events.mjs';
import { readLines } from '../lib/lines.mjs';

const { input, output } = await ownEnd();
const mostCharacters = 65_536;

readLines(input, async (line) => {
  const events = Number(line);
  if (events === 0) output.write('{"ready":true}\n');
  let lines = '';
  for (let sequence = 1; sequence <= events; sequence += 1) {
    lines += `${JSON.stringify({ sequence, event: event300 })}\n`;
    if (lines.length < mostCharacters && sequence < events) continue;
    if (!output.write(lines)) await once(output, 'drain');
    lines = '';
  }
});
