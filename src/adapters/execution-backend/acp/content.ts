import { isAbsolute, relative, sep } from 'node:path';

import type { Json } from '../../../domain/ids.js';
import type { Diff } from '../../../domain/observation/event.js';

import type { ContentBlock, ToolContent } from './messages.js';

/** The text of a block, or `undefined` of what is no text. */
export function textOf(block: ContentBlock): string | undefined {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'resource_link':
      return `[${block.name}](${block.uri})`;
    case 'resource':
      return block.resource.text;
    case 'image':
    case 'audio':
      return undefined;
  }
}

/** What a block is that has no text. */
export const unshown = (block: ContentBlock): string =>
  'mimeType' in block ? `${block.type} (${block.mimeType})` : 'a resource without text';

/** What a tool call has put out: the text of its content, else the JSON that the agent gives. */
export function outputOf(
  content: readonly ToolContent[] | undefined,
  rawOutput: Json | undefined,
  terminalText: (terminalId: string) => string | undefined,
): Json | undefined {
  const texts = (content ?? []).map((item) => {
    if (item.type === 'content') return textOf(item.content) ?? `(${unshown(item.content)})`;
    return item.type === 'terminal' ? terminalText(item.terminalId) : undefined;
  });
  const shown = texts.filter((text) => text !== undefined && text !== '');
  return shown.length > 0 ? shown.join('\n') : rawOutput;
}

/** A file of the folder that the agent works in, as it is called there; any other by its whole path. */
function called(path: string, cwd: string): string {
  const way = relative(cwd, path);
  return !isAbsolute(path) || way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? path : way;
}

export function diffsOf(content: readonly ToolContent[] | undefined, cwd: string): readonly Diff[] | undefined {
  const diffs = (content ?? []).filter((item) => item.type === 'diff');
  if (diffs.length === 0) return undefined;
  return diffs.map(({ path, oldText, newText }) => ({
    file: called(path, cwd),
    ...(oldText !== undefined && { before: oldText }),
    after: newText,
  }));
}
