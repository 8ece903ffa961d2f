import { hostname } from 'node:os';

import { expect, test } from 'vitest';

import type { Canary } from './canary.js';
import { leaksIn, textsIn } from './leaks-in.js';
import type { Recording } from './recording.js';
import { keysOf, outsideOfSchema } from './shape.js';

export interface Told {
  readonly recording: Recording;
  readonly planted: readonly Canary[];
  /** What the operator was told. */
  readonly logged: string;
}

/** What a machine is known by, whatever else is planted. */
export const machine = [
  [process.execPath, process.cwd(), 'node_modules', '.mjs', '    at ', 'Error:'],
  // A name of few letters stands in any random id.
  [hostname()].filter((name) => name.length >= 6),
].flat();

/** How many failures had a correlation id. */
export const correlationIds = ({ replies = [], sockets = [] }: Recording): ReadonlySet<string> => {
  const texts = [...replies.map(({ body }) => body), ...sockets.flatMap(({ messages }) => messages)];
  return new Set(texts.flatMap((text) => [...text.matchAll(/"correlationId":"([^"]+)"/g)].map(([, id]) => id ?? '')));
};

/** What holds of everything that leaves any host. */
export function tellsNothing(told: () => Told): void {
  test('B2, B3: no canary is in any byte that left', () => {
    const { recording, planted } = told();
    expect(leaksIn(recording, planted)).toEqual([]);
  });

  test('B2: no path, process or name of the machine is in any byte that left', () => {
    expect(textsIn(told().recording, machine)).toEqual([]);
  });

  test('B1: every key and value that left is in the schema of the browser API', () => {
    expect(outsideOfSchema(told().recording)).toEqual([]);
  });

  test('W4: no key says what a Worker can do', () => {
    expect(keysOf(told().recording).filter((key) => /^can[A-Z]|[cC]apabilit/.test(key))).toEqual([]);
  });

  test('B2: every failure has a correlation id, under which its cause is in the operator log', () => {
    const { recording, logged } = told();
    const ids = correlationIds(recording);
    expect(ids.size).toBeGreaterThan(0);
    expect([...ids].filter((id) => !logged.includes(id))).toEqual([]);
  });
}
