import { once } from 'node:events';

import { eventText, readLines } from '../lib/child.mjs';

const text = eventText();

readLines(process.stdin, async (line) => {
  const events = Number(line);
  for (let sequence = 1; sequence <= events; sequence += 1) {
    const event = { sequence, event: { type: 'text-delta', messageId: 'm', text } };
    if (!process.stdout.write(`${JSON.stringify(event)}\n`)) await once(process.stdout, 'drain');
  }
});
