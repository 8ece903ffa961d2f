import type { Readable } from 'node:stream';

import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import { lineSplitter } from './line-splitter.js';

const maxLineCharacters = 4096;
const linesPerSecond = 100;

/**
 * Reads a program's stderr into the operator log, line by line. It never stops reading, so that a program that floods
 * is not blocked and loses nothing but its own lines: long ones are cut, those beyond the rate are counted.
 */
export function logStderr(stderr: Readable, { logger, clock }: { logger: Logger; clock: Clock }): void {
  let windowStart = clock.now();
  let written = 0;
  let dropped = 0;

  const tellDropped = (): void => {
    if (dropped > 0) logger.warn('program stderr lines dropped', { lines: dropped });
    dropped = 0;
  };
  const splitter = lineSplitter(maxLineCharacters, (line, truncated) => {
    const now = clock.now();
    if (now - windowStart >= 1000 || now < windowStart) {
      tellDropped();
      windowStart = now;
      written = 0;
    }
    if (written >= linesPerSecond) {
      dropped += 1;
      return;
    }
    written += 1;
    logger.info('program stderr', truncated ? { line, truncated } : { line });
  });
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    splitter.end();
    tellDropped();
  };
  stderr.on('data', (chunk: Buffer) => splitter.push(chunk));
  stderr.on('error', (error) => logger.debug('program stderr failed', { error }));
  stderr.on('end', end);
  stderr.on('close', end);
}
