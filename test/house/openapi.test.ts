import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { version } from '../../src/protocol/version.js';
import { document } from '../support/openapi/document.js';

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

test('docs/openapi.json is the document that is served; npm run openapi renews it', () => {
  expect(read('docs/openapi.json')).toEqual(document);
});

test('the version that the document tells is that of package.json', () => {
  expect(read('package.json')).toMatchObject({ version });
});
