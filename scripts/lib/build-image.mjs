import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { imageContext } from './image-context.mjs';
import { prepare } from './launch.mjs';

const help = `npm run image                  builds the image "workport" with docker
npm run image -- NAME          builds it under another name`;

const docker = (args) =>
  new Promise((resolve) => {
    const child = spawn('docker', args, { stdio: 'inherit' });
    child.once('error', () => {
      console.error('docker cannot be run: is it installed, and may you use it?');
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });

/** Builds the image of the Dockerfile, and answers how the process is to end. */
export async function buildImage([name = 'workport', ...others]) {
  if (name.startsWith('-') || others.length > 0) {
    console.log(help);
    return name === '--help' || name === '-h' ? 0 : 2;
  }
  await prepare();
  const folder = await mkdtemp(join(tmpdir(), 'workport-image-'));
  try {
    await imageContext(folder);
    return await docker(['build', '--tag', name, folder]);
  } finally {
    await rm(folder, { recursive: true });
  }
}
