/** One step of mulberry32, by Tommy Ettinger, in the public domain: a well mixed 32-bit number of any other. */
function mixed(value: number): number {
  let mix = Math.imul(value ^ (value >>> 15), value | 1);
  mix ^= mix + Math.imul(mix ^ (mix >>> 7), mix | 61);
  return (mix ^ (mix >>> 14)) >>> 0;
}

const increment = 0x6d2b79f5;

/** Numbers from 0 up to 1, not included: a row of its own for each key, the same row for the same key. */
export function draws(...key: readonly number[]): () => number {
  let state = 0;
  for (const part of key) state = mixed((state + part + increment) | 0);
  return () => {
    state = (state + increment) | 0;
    return mixed(state) / 2 ** 32;
  };
}
