/** Events per second of a run that told `events` of them since `began`. */
export const perSecond = (events, began) => (events * 1e9) / Number(process.hrtime.bigint() - began);

export function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const summary = (values) => ({
  median: quantile(values, 0.5),
  least: Math.min(...values),
  most: Math.max(...values),
});
