export function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const summary = (values) => ({
  median: quantile(values, 0.5),
  least: Math.min(...values),
  most: Math.max(...values),
});
