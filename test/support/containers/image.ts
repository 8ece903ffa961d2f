import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { GenericContainer } from 'testcontainers';

import { loadScript } from '../../house/load-script.js';
import { engine } from './engine.js';

interface ContextScript {
  imageContext(folder: string): Promise<void>;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const repository = 'workport-test';
const keptMs = 60 * 60_000;

/** Those of earlier builds. What a container still needs, the engine keeps. */
async function removeOld(name: string): Promise<void> {
  const { dockerode } = (await engine()).container;
  const built = await dockerode.listImages({ filters: { reference: [repository] } });
  const old = built.filter(
    ({ RepoTags, Created }) => !RepoTags?.includes(name) && Created * 1000 < Date.now() - keptMs,
  );
  for (const { Id } of old) {
    await dockerode
      .getImage(Id)
      .remove()
      .catch(() => undefined);
  }
}

async function build(name: string): Promise<void> {
  const { imageContext } = await loadScript<ContextScript>('scripts/lib/image-context.mjs');
  const folder = await mkdtemp(join(tmpdir(), 'workport-image-'));
  try {
    await imageContext(folder);
    await GenericContainer.fromDockerfile(folder).build(name, { deleteOnExit: false });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await removeOld(name);
}

/** The image of the repository's Dockerfile, with `dist` as it is. Built once for each build of `dist`. */
export async function workportImage(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['Dockerfile', 'dist/.built.json']) hash.update(await readFile(join(root, file)));
  const name = `${repository}:${hash.digest('hex').slice(0, 16)}`;
  const { dockerode } = (await engine()).container;
  const there = await dockerode.listImages({ filters: { reference: [name] } });
  if (there.length === 0) await build(name);
  return name;
}
