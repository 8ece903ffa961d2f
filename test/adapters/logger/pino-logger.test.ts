import { describe, expect, test } from 'vitest';

import { pinoLogger } from '../../../src/adapters/logger/pino/index.js';
import type { PinoLoggerOptions } from '../../../src/adapters/logger/pino/index.js';

function logging(options: PinoLoggerOptions = {}) {
  const lines: string[] = [];
  const sink = { write: (line: string) => lines.push(line) > 0 };
  return { lines, logger: pinoLogger({ sink, ...options }) };
}
const entryOf = (line: string | undefined) => JSON.parse(line ?? '') as Readonly<Record<string, unknown>>;

describe('JSON lines', () => {
  test('a line is one object with level, time, message and the fields of each child', () => {
    const { logger, lines } = logging();
    logger.child({ backendId: 'a' }).child({ workerId: 'b' }).warn('it happened', { count: 2 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(entryOf(lines[0])).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/),
      message: 'it happened',
      backendId: 'a',
      workerId: 'b',
      count: 2,
    });
  });

  test('a field that a child gives again stands in the line once', () => {
    const { logger, lines } = logging();
    logger.child({ workerId: 'a' }).child({ workerId: 'b' }).info('it', { workerId: 'c' });
    expect(lines[0]?.match(/workerId/g)).toHaveLength(1);
    expect(entryOf(lines[0])).toMatchObject({ workerId: 'c' });
  });

  test('an error in a field is told with its stack, its own members and its causes', () => {
    const { logger, lines } = logging();
    const cause = Object.assign(new TypeError('not found'), { code: 'ENOENT' });
    logger.error('failed', { cause: new Error('outer', { cause }), detail: { error: cause } });
    expect(entryOf(lines[0])).toMatchObject({
      cause: {
        type: 'Error',
        message: 'outer',
        stack: expect.stringContaining('pino-logger.test'),
        cause: { type: 'TypeError', message: 'not found', code: 'ENOENT' },
      },
      detail: { error: { type: 'TypeError' } },
    });
  });

  test('a field that is called as a part of the line steps aside', () => {
    const { logger, lines } = logging();
    logger.info('kept', { level: 'x', message: 'y', time: 'z' });
    expect(entryOf(lines[0])).toMatchObject({ message: 'kept', level: 'info', level_: 'x', message_: 'y', time_: 'z' });
  });

  test('a message is no format', () => {
    const { logger, lines } = logging();
    logger.info('100 %s %o', { a: 1 });
    expect(entryOf(lines[0])).toMatchObject({ message: '100 %s %o' });
  });

  test('what is below the level is not written', () => {
    const { logger, lines } = logging({ level: 'warn' });
    logger.info('no');
    logger.child({}).debug('no');
    expect(lines).toEqual([]);
  });
});

describe('whatever is logged, nothing is thrown', () => {
  const circular: Record<string, unknown> = { big: 1n, map: new Map([[1, 2]]), bytes: new Uint8Array(3) };
  circular['self'] = circular;
  const hostile: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'a circle': { circular },
    'a getter that throws': Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    }),
    'a proxy that throws': {
      x: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
    },
    'an error whose stack throws': {
      x: Object.defineProperty(new Error('m'), 'stack', {
        get: () => {
          throw new Error('no');
        },
      }),
    },
    'toJSON that throws': {
      x: {
        toJSON: () => {
          throw new Error('no');
        },
      },
    },
    'a symbol and a function': { x: Symbol('s'), y: () => undefined },
  };
  test.for(Object.entries(hostile))('%s becomes a line', ([, fields]) => {
    const { logger, lines } = logging();
    logger.child(fields).error('it', fields);
    expect(entryOf(lines[0])).toMatchObject({ message: 'it' });
  });

  test('a line is bounded, however much is in its fields', () => {
    const { logger, lines } = logging();
    logger.error('it', { text: 'x'.repeat(10_000_000), list: new Array(1_000_000).fill('y') });
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'x'.repeat(20_000)]));
    logger.error('it', { a: wide, b: { c: [wide, wide] } });
    for (const line of lines) expect(line.length).toBeLessThan(200_000);
  });

  test('a sink that throws is no concern of who logs', () => {
    const { logger } = logging({
      sink: {
        write: () => {
          throw new Error('full');
        },
      },
    });
    expect(() => logger.error('it')).not.toThrow();
  });
});

describe('secrets', () => {
  const secret = 'pa"ss wörd/42';
  const forms = [
    secret,
    JSON.stringify(secret),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ];
  test.for(['json', 'human'] as const)('are in no %s line, in none of their encodings', (format) => {
    const { logger, lines } = logging({ format, secrets: ['other-secret', secret] });
    for (const form of forms)
      logger.child({ form }).error(`message ${form}`, { cause: new Error(`text ${form}`), form });
    expect(lines).toHaveLength(forms.length);
    for (const form of forms) expect(lines.join('')).not.toContain(form);
    expect(lines.join('')).toContain('[redacted]');
  });
  test('that are shorter than 6 characters are not looked for', () => {
    const { logger, lines } = logging({ secrets: ['', 'it'] });
    logger.info('it happened');
    expect(entryOf(lines[0])).toMatchObject({ message: 'it happened' });
  });
});

describe('lines for people', () => {
  test('show time, level, message and fields, and the causes below', () => {
    const { logger, lines } = logging({ format: 'human' });
    logger.warn('it happened', {
      workerId: 'w-1',
      text: 'two words',
      cause: new Error('outer', { cause: new Error('inner') }),
    });
    const [head, ...below] = (lines[0] ?? '').split('\n');
    expect(head).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}it happened workerId=w-1 text="two words"$/);
    expect(below[0]).toBe('  cause: Error: outer');
    expect(below.some((line) => line.startsWith('  caused by: Error: inner'))).toBe(true);
  });
  test('let no control character of a program reach the terminal', () => {
    const { logger, lines } = logging({ format: 'human' });
    logger.info('said \u001b[2J', { text: '\u001b]0;x\u0007\u009b1m', cause: new Error('\u001b[31m') });
    expect(lines[0]?.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

test('while the sink has no room lines are dropped, and their number is told when it has again', () => {
  const lines: string[] = [];
  let room = true;
  const { logger } = logging({ sink: { write: (line) => room && lines.push(line) > 0 } });
  room = false;
  logger.info('lost');
  logger.info('lost');
  room = true;
  logger.info('back');
  expect(lines.map((line) => entryOf(line))).toMatchObject([
    { message: 'log lines were dropped', lines: 2 },
    { message: 'back' },
  ]);
});
