import { expect, test } from 'vitest';

import type { RunEvent } from '../../src/adapters/execution-backend/generator/events.js';
import {
  generatorBackend,
  output,
  planUpdated,
  text,
  toolCallEnded,
  toolCallStarted,
  toolCallUpdated,
} from '../../src/index.js';
import type { Json } from '../../src/domain/ids.js';
import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { servedConsole } from '../support/browser/console-host.js';
import { openConsole } from '../support/browser/console-page.js';
import { mainThreadTasks } from '../support/browser/main-thread-tasks.js';
import { isType, observeUntil } from '../support/runtime.js';
import { upTo } from '../support/watched.js';

const browser = suiteBrowser();
/** More than what ordinary texts take, and still no page that is stuck: without a bound these took seconds. */
const maxTaskMs = 500;
const maxDiffTaskMs = 200;

const links = (count: number): string => 'http://a.test/ '.repeat(count);
const deep = upTo(120).reduce<Json>((inner) => [inner], Array<Json>(100_000).fill(0));

const size = 262_144;
const long = (unit: string): string => unit.repeat(size / unit.length);
const dense = (letter: string): string => `${letter}\u0001`.repeat(150);
const alternating = (letter: string): string =>
  upTo(400)
    .map((line) => `${dense(line % 2 ? letter : 'k')}\n`)
    .join('');

const cases: Readonly<Record<string, () => readonly RunEvent[]>> = {
  'fifty outputs of 4,000 links each': () =>
    upTo(50).map((index) => output(links(4_000), index % 2 ? 'stderr' : 'stdout')),
  'a message of control characters': () => [text('\u0001a'.repeat(20_000))],
  'a letter under 40,000 marks': () => [text(`a${'\u0301'.repeat(40_000)}`)],
  'a tool with a title of 15,000 links': () => [toolCallStarted('call', links(15_000), { title: links(1_000) })],
  'a tool with wide values in deep ones': () => [
    toolCallStarted('call', 'deep', { input: deep }),
    toolCallEnded('call', { output: deep }),
  ],
  'a plan of 4,000 steps of control characters': () => [
    planUpdated(
      'plan',
      upTo(4_000).map(() => ({ text: '\u0001a'.repeat(60), status: 'pending' })),
    ),
  ],
};

/** 256 KiB against 256 KiB, each. */
const diffs: Readonly<Record<string, readonly [before: string, after: string]>> = {
  'one line each': [long('x'), long('y')],
  '130,000 lines that are all others': [long('a\n'), long('b\n')],
  'lines that are alike and stand elsewhere': [`a\nb\n${long('x\n')}c\nd\n`, `e\nf\ng\n${long('x\n')}h\n`],
  'lines of control characters of which each other one differs': [alternating('a'), alternating('b')],
};

test.skipIf(!isChromiumThere).for(Object.entries(diffs))(
  'a file that has changed by %s: it is shown, also unfolded, and no task takes over 200 ms [needs chromium]',
  async ([, [before, after]]) => {
    const count = 8;
    const backend = generatorBackend({
      id: 'diffs',
      run: async function* () {
        for (const call of upTo(count)) {
          yield toolCallStarted(`call-${call}`, 'edit');
          yield toolCallUpdated(`call-${call}`, { diffs: [{ file: 'file', before: `${before}${call}`, after }] });
        }
        yield text('All said.', 'end');
      },
    });
    const served = await servedConsole({
      profiles: { diffs: { label: 'Diffs', backend } },
      limits: { eventBytes: 4_194_304 },
    });
    const worker = await served.host.create({ profile: 'diffs', text: 'go' });
    await observeUntil(served.host.runtime, worker, isType('input-ended'));
    const { page, log } = await openConsole(browser(), served);
    const tasks = await mainThreadTasks(page, async () => {
      await page.evaluate(`location.hash = '#/workers/${worker.runtimeId}/${worker.workerId}'`);
      await log.getByText('All said.').waitFor();
      await expect.poll(() => log.locator('.counts').count()).toBe(count);
      await log.locator('details.diff summary').first().click();
      await log.locator('pre.diff ins').last().waitFor({ state: 'attached' });
    });
    expect(tasks.filter((durationMs) => durationMs > maxDiffTaskMs)).toEqual([]);
  },
);

test.skipIf(!isChromiumThere).for(Object.entries(cases))(
  '%s: a page that is opened at it shows it, and no task takes over half a second [needs chromium]',
  async ([, said]) => {
    const backend = generatorBackend({
      id: 'dense',
      run: async function* () {
        yield* said();
        yield text('All said.', 'end');
      },
    });
    const served = await servedConsole({ profiles: { dense: { label: 'Dense', backend } } });
    const worker = await served.host.create({ profile: 'dense', text: 'go' });
    await observeUntil(served.host.runtime, worker, isType('input-ended'));
    const { page, log } = await openConsole(browser(), served);
    const tasks = await mainThreadTasks(page, async () => {
      await page.evaluate(`location.hash = '#/workers/${worker.runtimeId}/${worker.workerId}'`);
      await log.getByText('All said.').waitFor();
    });
    expect(tasks.filter((durationMs) => durationMs > maxTaskMs)).toEqual([]);
  },
);
