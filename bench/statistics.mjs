export function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const summary = (values) => ({
  median: quantile(values, 0.5),
  least: Math.min(...values),
  most: Math.max(...values),
});

/** Runs both sides once per round, each first in turn, and answers their figures with the ratio of each round. */
export async function interleaved(rounds, ours, floor) {
  const figures = { ours: [], floor: [], ratios: [] };
  for (let round = 0; round < rounds; round += 1) {
    const sides = { ours, floor };
    const order = round % 2 === 0 ? ['floor', 'ours'] : ['ours', 'floor'];
    for (const side of order) figures[side].push(await sides[side]());
    figures.ratios.push(figures.ours.at(-1) / figures.floor.at(-1));
  }
  return figures;
}
