import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { inFolder } from './folder.mjs';
import { profiled, profileFolder } from './profile.mjs';

/** A program of `bench/programs`. */
export const program = (name) => fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
/** A program of `bench/peers/programs`. */
export const peerProgram = (name) => fileURLToPath(new URL(`../peers/programs/${name}`, import.meta.url));

/**
 * What Node is given to run a program of ours: where profiles are asked for, it writes its own when it ends by itself.
 */
export const nodeArgs = (file, ...args) => [...profiled(profileFolder, file), file, ...args];

/** A child process. `failed` rejects where it exits before it is told to; `end` tells it, and ends it where it stays. */
export function started(command, args, stdio) {
  const running = spawn(command, args, { stdio });
  let isEnding = false;
  const exited = once(running, 'exit');
  const failed = exited.then(([code, signal]) => {
    if (!isEnding) throw new Error(`${command} ${args.join(' ')} exited with ${signal ?? code}`);
    return new Promise(() => {});
  });
  failed.catch(() => {});
  const end = async (tell) => {
    isEnding = true;
    tell();
    const late = setTimeout(() => running.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(late);
  };
  return { running, failed, end };
}

/** A program that says by a message that it is ready, and with which words; `running` takes messages, too. */
export async function ready(file, ...args) {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
  const { running, failed, end } = started(process.execPath, nodeArgs(file, ...args), stdio);
  const [told] = await Promise.race([once(running, 'message'), failed]);
  return { running, told, failed, end: () => end(() => running.kill()) };
}

/** A program that talks over its pipes: `input` is what it says, `output` what it is told. */
export function overPipes(file, ...args) {
  const { running, failed, end } = started(process.execPath, nodeArgs(file, ...args), ['pipe', 'pipe', 'inherit']);
  return { input: running.stdout, output: running.stdin, failed, end: () => end(() => running.stdin.end()) };
}

/** The path of a Unix socket in a folder of its own, for as long as `run` takes. */
export const withSocketPath = (run) => inFolder((folder) => run(join(folder, 'socket')));

/** A program that talks over a Unix socket, which it opens itself. */
export async function overSocket(path, file, ...args) {
  const server = net.createServer().listen(path);
  const stdio = ['ignore', 'inherit', 'inherit'];
  const { running, failed, end } = started(process.execPath, nodeArgs(file, ...args, path), stdio);
  try {
    const [socket] = await Promise.race([once(server, 'connection'), failed]);
    server.close();
    return { input: socket, output: socket, failed, end: () => end(() => socket.end()) };
  } catch (error) {
    server.close();
    await end(() => running.kill());
    throw error;
  }
}

/** What `run` makes of the other end, which is ended afterwards. Rejects where that exits too early. */
export async function talking(opened, run) {
  const other = await opened;
  try {
    return await Promise.race([run(other), other.failed]);
  } finally {
    await other.end();
  }
}

/** This program's own end of what started it. It exits when that ends. */
export async function ownEnd(path = process.argv[2]) {
  if (path === undefined) {
    process.stdin.once('end', () => process.exit());
    return { input: process.stdin, output: process.stdout };
  }
  const socket = net.connect(path);
  await once(socket, 'connect');
  socket.once('end', () => process.exit());
  return { input: socket, output: socket };
}
