import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { openLevel } from '../../src/adapters/worker-log/embedded/engine.js';
import type { Engine, OpenEngine, Operation } from '../../src/adapters/worker-log/embedded/engine.js';

/**
 * `fails`: nothing is written, and the write is rejected. `tears`: the same, and half of a record is on disk.
 * `in-doubt`: all of it is written, and the write is rejected. `hangs`: it is written once it is released.
 * `fails-late`: it fails once it is released.
 */
export type WriteFault = 'fails' | 'tears' | 'in-doubt' | 'hangs' | 'fails-late';

export interface FailingEngine {
  readonly open: OpenEngine;
  /** What was written so far, failures included: one entry a write. */
  readonly writes: (readonly Operation[])[];
  /** Of each of them, whether it was to be on disk when it was answered. */
  readonly synced: boolean[];
  readonly openings: () => number;
  /** What befalls the n-th write, from 0. Nothing, at first. */
  befall: (write: number) => WriteFault | undefined;
  /** Lets go on what hangs. */
  release(): void;
  /** The n-th write from now, from 0, has begun. */
  begun(write: number): Promise<void>;
}

/** The beginning of a record that says it is longer than what is there. */
const halfRecord = Buffer.from([1, 2, 3, 4, 0xff, 0x10, 1, 9, 9, 9]);

async function tear(folder: string): Promise<void> {
  const logs = (await readdir(folder)).filter((name) => name.endsWith('.log')).sort();
  await appendFile(join(folder, logs.at(-1) ?? '000001.log'), halfRecord);
}

/** LevelDB on a disk that fails as it is told: after a failed write it takes no other until it is opened again. */
export function failingEngine(): FailingEngine {
  const writes: (readonly Operation[])[] = [];
  const synced: boolean[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let openings = 0;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));

  async function write(level: Engine, operations: readonly Operation[], sync: boolean): Promise<void> {
    const fault = failing.befall(writes.length);
    writes.push(operations);
    synced.push(sync);
    for (const { count, resolve } of waiting) if (writes.length >= count) resolve();
    if (fault === 'hangs' || fault === 'fails-late') await released;
    if (fault === undefined || fault === 'hangs' || fault === 'in-doubt') await level.write(operations, { sync });
    if (fault === undefined || fault === 'hangs') return;
    throw new Error(`the disk ${fault}`);
  }

  async function open(folder: string): Promise<Engine> {
    const level = await openLevel(folder);
    openings += 1;
    let isBroken = false;
    let isTorn = false;
    return {
      ...level,
      async write(operations, { sync }) {
        if (isBroken) throw new Error('an earlier write failed');
        const fault = failing.befall(writes.length);
        try {
          await write(level, operations, sync);
        } catch (cause) {
          isBroken = true;
          isTorn = fault === 'tears';
          throw cause;
        }
      },
      async close() {
        await level.close();
        if (isTorn) await tear(folder);
      },
    };
  }

  const failing: FailingEngine = {
    open,
    writes,
    synced,
    openings: () => openings,
    befall: () => undefined,
    release: () => release(),
    begun: (count) => new Promise((resolve) => void waiting.push({ count: writes.length + count + 1, resolve })),
  };
  return failing;
}
