import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { root } from './root.mjs';

const keptOutput = 512 * 1024;
const killAfterMs = 3_000;
const lastOutputMs = 1_000;
const running = new Set();

/** Output that is collected is read without a terminal. */
const plain = { ...process.env, NO_COLOR: '1' };
delete plain.FORCE_COLOR;

/** Each child leads a group of its own, so that its descendants end with it. */
function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It is gone.
  }
}

function onSignal(signal) {
  for (const child of running) endGroup(child, signal);
  const ending = setTimeout(() => {
    for (const child of running) endGroup(child, 'SIGKILL');
    process.exit(128 + constants.signals[signal]);
  }, killAfterMs);
  const wait = setInterval(() => {
    if (running.size > 0) return;
    clearTimeout(ending);
    clearInterval(wait);
    process.exit(128 + constants.signals[signal]);
  }, 20);
}

const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => [signal, () => onSignal(signal)]);

function track(child) {
  if (running.size === 0) for (const [signal, handler] of handlers) process.once(signal, handler);
  running.add(child);
}

function untrack(child) {
  running.delete(child);
  if (running.size === 0) for (const [signal, handler] of handlers) process.off(signal, handler);
}

/** Collects the last part of what a child prints; a program that floods costs no more than that. */
function tail() {
  let text = '';
  return {
    add(chunk) {
      text += chunk;
      if (text.length > 2 * keptOutput) text = text.slice(-keptOutput);
    },
    text: () => (text.length > keptOutput ? text.slice(-keptOutput) : text),
  };
}

/**
 * Runs a program to its end. Never rejects: `problem` says why it counts as failed.
 * `show`: what it prints goes to stderr as it comes; otherwise it is collected in `output`.
 */
export function run(command, args, { budgetMs, show = false }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      detached: true,
      env: show ? process.env : plain,
      stdio: ['ignore', show ? 2 : 'pipe', show ? 2 : 'pipe'],
    });
    const output = tail();
    let late = false;
    track(child);
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', output.add);
    const budget = setTimeout(() => {
      late = true;
      endGroup(child, 'SIGTERM');
      setTimeout(() => endGroup(child, 'SIGKILL'), killAfterMs).unref();
    }, budgetMs);
    const end = (problem) => {
      clearTimeout(budget);
      endGroup(child, 'SIGKILL');
      const settle = () => {
        untrack(child);
        resolve({ problem, output: output.text() });
      };
      // What it wrote is still on the way; a stray descendant that holds the pipe is not waited for.
      setTimeout(settle, lastOutputMs).unref();
      child.once('close', settle);
    };
    child.once('error', (error) => {
      end(`${command} could not be started (${error.code})`);
    });
    child.once('exit', (code, signal) => {
      if (late) end(`took longer than its budget of ${String(budgetMs / 1000)} s`);
      else if (code === 0) end(undefined);
      else end(signal ? `ended by ${signal}` : `exit code ${String(code)}`);
    });
  });
}

/** Runs a program of `node_modules` with this very Node. */
export const runTool = (file, args, options) => run(process.execPath, [`node_modules/${file}`, ...args], options);
