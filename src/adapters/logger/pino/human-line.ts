import picocolors from 'picocolors';

import type { Json } from '../../../domain/ids.js';

type Fields = Readonly<Record<string, Json>>;
type Paint = (text: string) => string;

/** Control characters of what programs said could rewrite the operator's terminal. */
export const visible = (text: string): string =>
  text.replace(/\p{Cc}/gu, (character) =>
    character === '\t' ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n    ');

const isFields = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isError = (value: Json): value is Fields & { readonly message: string } =>
  isFields(value) && typeof value['message'] === 'string' && typeof value['type'] === 'string';

function short(value: Json): string {
  if (typeof value === 'string' && /^[\w.:/@+-]+$/.test(value)) return value;
  return visible(JSON.stringify(value));
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value));

function causeLines(name: string, error: Fields, depth = 0): readonly string[] {
  const { stack, type, message, cause, ...rest } = error;
  const head = typeof stack === 'string' ? stack : `${textOf(type)}: ${textOf(message)}`;
  const more = Object.entries(rest).map(([key, value]) => ` ${key}=${short(value)}`);
  const own = `  ${name}: ${visibleLines(head)}${more.join('')}`;
  return [own, ...(isFields(cause) && depth < 6 ? causeLines('caused by', cause, depth + 1) : [])];
}

/** Renders an entry as a line for people, and the causes in it below the line. */
export function humanLine(colors: boolean): (entry: Fields) => string {
  const { dim, cyan, yellow, red } = picocolors.createColors(colors);
  const plainly: Paint = (text) => text;
  const paints: Readonly<Record<string, Paint>> = { trace: dim, debug: dim, info: cyan, warn: yellow, error: red };
  return ({ level, time, message, ...fields }) => {
    const paint = paints[textOf(level)] ?? plainly;
    const head = `${dim(textOf(time).slice(11, 23))} ${paint(textOf(level).padEnd(5))} ${visible(textOf(message))}`;
    const entries = Object.entries(fields);
    const beside = entries
      .filter(([, value]) => !isError(value))
      .map(([name, value]) => ` ${dim(`${name}=`)}${short(value)}`);
    const causes = entries.flatMap(([name, value]) => (isError(value) ? causeLines(name, value) : []));
    return [head + beside.join(''), ...causes, ''].join('\n');
  };
}
