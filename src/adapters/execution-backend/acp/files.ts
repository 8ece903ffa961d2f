import { constants } from 'node:fs';
import type { ReadTextFileRequest, WriteTextFileRequest } from '@agentclientprotocol/sdk';

import { openConfined } from './confined.js';

const { O_CREAT, O_RDONLY, O_WRONLY } = constants;
/** Of a file that is read for an agent. */
const maxBytes = 4 * 1024 * 1024;

/** The text of a file in `root`; with `line`, counted from 1, and `limit` only so many lines from there. */
export async function readTextFile(
  root: string,
  { path, line, limit }: Pick<ReadTextFileRequest, 'path' | 'line' | 'limit'>,
): Promise<{ readonly content: string }> {
  const handle = await openConfined(root, path, O_RDONLY);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of handle.createReadStream({ autoClose: false, end: maxBytes }))
      chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    if (bytes.length > maxBytes) throw new Error(`${path} is larger than ${maxBytes} bytes`);
    const content = bytes.toString('utf8');
    return { content: linesOf(content, line ?? 1, limit ?? undefined) };
  } finally {
    await handle.close();
  }
}

function linesOf(content: string, line: number, limit: number | undefined): string {
  if (line <= 1 && limit === undefined) return content;
  const from = Math.max(0, line - 1);
  const lines = content.split('\n');
  return lines.slice(from, limit === undefined ? undefined : from + limit).join('\n');
}

/** Writes a file in `root` anew; its folder has to be there. */
export async function writeTextFile(
  root: string,
  { path, content }: Pick<WriteTextFileRequest, 'path' | 'content'>,
): Promise<Record<string, never>> {
  const handle = await openConfined(root, path, O_WRONLY | O_CREAT);
  try {
    await handle.truncate();
    await handle.writeFile(content);
    return {};
  } finally {
    await handle.close();
  }
}
