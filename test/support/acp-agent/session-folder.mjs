import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const nothing = () => undefined;

/**
 * Sessions as files of JSON lines: first `{cwd}`, then every update of the conversation, the prompts as chunks of the
 * user's message. Without a folder nothing is kept.
 */
export function sessionFolder(folder) {
  const create = () => randomUUID();
  if (folder === undefined) return { create, read: nothing, keeper: () => nothing };
  mkdirSync(folder, { recursive: true });
  const fileOf = (id) => join(folder, `${id}.jsonl`);
  return {
    create(cwd) {
      const id = create();
      writeFileSync(fileOf(id), `${JSON.stringify({ cwd })}\n`);
      return id;
    },
    read(id) {
      if (!/^[\w-]+$/.test(id) || !existsSync(fileOf(id))) return undefined;
      const [, ...lines] = readFileSync(fileOf(id), 'utf8').trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line));
    },
    keeper: (id) => (update) => appendFileSync(fileOf(id), `${JSON.stringify(update)}\n`),
  };
}
