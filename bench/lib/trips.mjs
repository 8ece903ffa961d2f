import { quantile } from './statistics.mjs';

const now = () => Number(process.hrtime.bigint()) / 1000;

/** Does `trip` one after the other and answers how long it took, in µs, when it was warm. */
export async function timed({ trips, warmUp }, trip) {
  const times = [];
  for (let number = 0; number < trips + warmUp; number += 1) {
    const began = now();
    await trip(number, () => times.push(now() - began));
  }
  const warm = times.slice(warmUp);
  return { p50: quantile(warm, 0.5), p99: quantile(warm, 0.99) };
}
