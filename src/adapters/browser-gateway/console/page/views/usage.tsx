import type { Story } from '../story.js';

const numbers = new Intl.NumberFormat();
const dollars = new Intl.NumberFormat(undefined, { style: 'currency', currency: 'USD', maximumFractionDigits: 4 });

function contextOf({ contextTokens, contextLimit }: NonNullable<Story['usage']>): string | undefined {
  const limit = contextLimit === undefined ? undefined : numbers.format(contextLimit);
  if (contextTokens === undefined) return limit && `context of ${limit} tokens`;
  return `${numbers.format(contextTokens)}${limit === undefined ? '' : ` of ${limit}`} tokens of context`;
}

/** What a Worker has used, as it last said. */
export function Usage({ usage }: { readonly usage: NonNullable<Story['usage']> }) {
  const { inputTokens, outputTokens, costUsd } = usage;
  const figures = [
    inputTokens !== undefined && `${numbers.format(inputTokens)} tokens in`,
    outputTokens !== undefined && `${numbers.format(outputTokens)} tokens out`,
    contextOf(usage),
    costUsd !== undefined && dollars.format(costUsd),
  ].filter((figure) => typeof figure === 'string');
  return figures.length === 0 ? null : <span>{figures.join(', ')}</span>;
}
