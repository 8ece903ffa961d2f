// Time and chance of a simulation: the same seed is the same run. It takes the place of this process's own clock.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const turn = () => new Promise((resolve) => void setImmediate(resolve));
/** What happens within it happens at once, in the order in which it was asked for. */
const tickMs = 0.25;

/** Numbers from 0 to 1 by `mulberry32`. */
function drawn(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Numbers, the least first. */
function leastFirst() {
  const heap = [];
  const swap = (one, other) => ([heap[one], heap[other]] = [heap[other], heap[one]]);
  return {
    get length() {
      return heap.length;
    },
    push(value) {
      let at = heap.push(value) - 1;
      for (let up = (at - 1) >> 1; at > 0 && heap[up] > heap[at]; at = up, up = (at - 1) >> 1) swap(at, up);
    },
    pop() {
      swap(0, heap.length - 1);
      const least = heap.pop();
      for (let at = 0; ;) {
        let down = 2 * at + 1;
        if (down >= heap.length) return least;
        if (down + 1 < heap.length && heap[down + 1] < heap[down]) down += 1;
        if (heap[at] <= heap[down]) return least;
        swap(at, down);
        at = down;
      }
    },
  };
}

export function world(seed) {
  const random = drawn(seed);
  const ticks = leastFirst();
  const due = new Map();
  let now = 0;
  const at = (ms, run) => {
    const tick = Math.max(Math.ceil(ms / tickMs), Math.round(now / tickMs) + 1);
    const entry = { run };
    const list = due.get(tick);
    if (list) list.push(entry);
    else {
      due.set(tick, [entry]);
      ticks.push(tick);
    }
    return () => void (entry.run = undefined);
  };
  const hex = (digits) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  performance.now = () => now;
  Math.random = random;
  crypto.randomUUID = uuid;
  syncBuiltinESMExports();
  return {
    random,
    uuid,
    clock: { now: () => now, after: (ms, run) => at(now + ms, run) },
    get now() {
      return now;
    },
    at,
    wait: (ms) => new Promise((resolve) => void at(now + ms, resolve)),
    /** Goes on until it is so, which is looked at every 100 ms of its time, or that time is over. Answers whether it is. */
    async until(isSo, endMs) {
      for (let looked = now; ;) {
        if (now - looked >= 100) {
          if (isSo()) return true;
          looked = now;
        }
        if (ticks.length === 0 || now >= endMs) return isSo();
        const tick = ticks.pop();
        const list = due.get(tick);
        due.delete(tick);
        now = tick * tickMs;
        for (const { run } of list) run?.();
        await turn();
      }
    },
  };
}
