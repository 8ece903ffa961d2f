import type { Story } from '../story.js';

const numbers = new Intl.NumberFormat();
const dollars = new Intl.NumberFormat(undefined, { style: 'currency', currency: 'USD', maximumFractionDigits: 4 });

/** What a Worker has used, as it last said. */
export function Usage({ usage }: { readonly usage: NonNullable<Story['usage']> }) {
  const { inputTokens, outputTokens, costUsd } = usage;
  const figures = [
    inputTokens !== undefined && `${numbers.format(inputTokens)} tokens in`,
    outputTokens !== undefined && `${numbers.format(outputTokens)} tokens out`,
    costUsd !== undefined && dollars.format(costUsd),
  ].filter((figure) => figure !== false);
  return figures.length === 0 ? null : <span>{figures.join(', ')}</span>;
}
