import assert from 'node:assert/strict';
import { join } from 'node:path';

import { inMemoryLog } from 'workport';
import { embeddedLog } from 'workport/logs/embedded';

import { inFolder } from '../lib/folder.mjs';
import { everythingRetained, inProcessRuntime, observed, published } from '../lib/in-process.mjs';
import { interleaved } from '../lib/rounds.mjs';
import { quantile, summary } from '../lib/statistics.mjs';

const pageEvents = 100;

/** A page of 100 events at a random place of a short and of a long log: one Worker of each length in one Runtime. */
export const m8 = { what: 'a page of 100 from a log of 1,000 to 1,000,000 events', run };

async function run({ quick, rounds, say }) {
  const lengths = quick ? [200, 400, 1_000] : [1_000, 100_000, 1_000_000];
  const pages = quick ? 20 : 1_000;
  const shortest = lengths[0];
  const longest = lengths.at(-1);
  const measurements = [];
  const series = [];
  for (const [name, inLog] of Object.entries(logs)) {
    const figures = await inLog(async (log) => {
      const bench = await inProcessRuntime({ log, limits: everythingRetained });
      try {
        say(`fills the log ${name}`);
        const sides = {};
        for (const length of lengths) sides[length] = await pagesOf(bench, length, pages);
        for (const side of Object.values(sides)) await side();
        return await interleaved(rounds, sides);
      } finally {
        await bench[Symbol.asyncDispose]();
      }
    });
    measurements.push({
      workload: `a page of ${pageEvents} of ${longest.toLocaleString('en')} events ${name}, beside one of ${shortest.toLocaleString('en')}`,
      unit: 'µs',
      goal: { most: 1.5 },
      figures: { workport: figures[longest], floor: figures[shortest] },
    });
    series.push({ name, points: lengths.map((length) => [length, summary(figures[length]).median]) });
  }
  const title = `A page of ${pageEvents} events at a random place`;
  return { measurements, plots: [{ name: 'log-length', title, x: 'events in the log', y: 'µs', series }] };
}

const logs = {
  'in memory': (use) => use(inMemoryLog()),
  'on disk': (use) => inFolder((folder) => use(embeddedLog({ folder: join(folder, 'log'), durability: 'none' }))),
};

// What compresses no better than words do, as long as the text of an event of 300 bytes.
const letters = 'abcdefghijklmnopqrstuvwxyz ';
const words = Array.from({ length: 65_536 }, () => letters[Math.floor(Math.random() * letters.length)]).join('');
const textLength = 300 - JSON.stringify({ type: 'text-delta', messageId: 'm', text: '' }).length;
const event = () => {
  const start = Math.floor(Math.random() * (words.length - textLength));
  return { type: 'text-delta', messageId: 'm', text: words.slice(start, start + textLength) };
};

/** Fills the log of one Worker. Answers a side: the median time of so many pages of it. */
async function pagesOf({ runtime, create }, length, pages) {
  const { worker, publisher, cursor } = await create();
  const places = [];
  const step = Math.ceil(length / 1_000);
  const seen = observed(runtime, { worker, cursor }, length, ({ sequence, cursor: after }) => {
    if (sequence % step === 0 && sequence <= length - pageEvents) places.push({ sequence, after });
  });
  await published(publisher, length, event);
  await seen;
  return async () => {
    const times = [];
    while (times.length < pages) {
      const { sequence, after } = places[Math.floor(Math.random() * places.length)];
      const began = process.hrtime.bigint();
      const page = await runtime.read({ type: 'observations', worker, after, limit: pageEvents });
      times.push(Number(process.hrtime.bigint() - began) / 1_000);
      assert.equal(page.observations.length, pageEvents);
      page.observations.forEach((one, index) => assert.equal(one.sequence, sequence + 1 + index));
    }
    return quantile(times, 0.5);
  };
}
