import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { accessOf } from '../../src/cli/access.js';
import type { AccessSources } from '../../src/cli/access.js';
import { ConfigError } from '../../src/composition/config/config-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const nothing: AccessSources = { letsAnybodyIn: false, isTerminal: false };

test('a token is made where a terminal can show it, another one each time', async () => {
  const made = await Promise.all([1, 2].map(() => accessOf({ ...nothing, isTerminal: true })));
  for (const { token, isNew } of made)
    expect({ token, isNew }).toEqual({ token: expect.stringMatching(/^[\w-]{43}$/), isNew: true });
  expect(made[0]?.token).not.toBe(made[1]?.token);
});

test('none is made where the configuration has tokens', async () => {
  expect(await accessOf({ letsAnybodyIn: true, isTerminal: true })).toEqual({ isNew: false });
});

test('without any, and without a terminal, it is refused', async () => {
  await expect(accessOf(nothing)).rejects.toThrow(ConfigError);
  await expect(accessOf({ ...nothing, variable: '' })).rejects.toThrow(/set the variable WORKPORT_TOKEN/);
});

test('the file goes before the variable, and blanks around the token are no part of it', async () => {
  const tokenFile = join(await temporaryFolder(), 'token');
  await writeFile(tokenFile, ' from-file \n');
  expect(await accessOf({ ...nothing, tokenFile, variable: 'v' })).toEqual({ token: 'from-file', isNew: false });
  expect(await accessOf({ ...nothing, variable: 'v' })).toEqual({ token: 'v', isNew: false });
});

test.for(['two words', 'ümlaut', 'a:b', '='])(
  'a token that no header can carry is refused, and not shown: %j',
  async (variable) => {
    const refused = accessOf({ ...nothing, variable });
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.not.toThrow(variable);
  },
);

test('an empty file is refused', async () => {
  const tokenFile = join(await temporaryFolder(), 'token');
  await writeFile(tokenFile, '\n');
  await expect(accessOf({ ...nothing, tokenFile })).rejects.toThrow(ConfigError);
});
