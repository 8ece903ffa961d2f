import { gzipSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { consoleAssets } from '../../../../src/adapters/browser-gateway/console/index.js';
import { httpHandler } from '../../../../src/adapters/browser-gateway/http/index.js';
import { scriptedGateway } from '../../../support/scripted-gateway.js';

const origin = 'http://127.0.0.1:7420';
const served = httpHandler({ gateway: scriptedGateway({}), assets: consoleAssets() });
const bare = httpHandler({ gateway: scriptedGateway({}) });
const ask = (path: string, init?: RequestInit, handler = served): Promise<Response> =>
  handler(new Request(origin + path, init), { localPort: 7420 });

const types = {
  '/': 'text/html; charset=utf-8',
  '/console.js': 'text/javascript; charset=utf-8',
  '/console.css': 'text/css; charset=utf-8',
  '/icon.svg': 'image/svg+xml',
  '/licenses.txt': 'text/plain; charset=utf-8',
};
const paths = Object.keys(types);

/** The directives of a policy, by name. */
const directivesOf = (policy: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    policy.split(/;\s*/).map((directive) => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values.join(' ')];
    }),
  );

describe('the console as it is served', () => {
  test.for(Object.entries(types))(
    '%s is %s, to be asked for again, and taken as nothing else',
    async ([path, type]) => {
      const response = await ask(path);
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': type,
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect((await response.text()).length).toBeGreaterThan(100);
    },
  );

  test('a policy forbids every script, style, request and frame but what this host serves, and every text as markup', async () => {
    for (const path of paths) {
      expect(directivesOf((await ask(path)).headers.get('content-security-policy') ?? '')).toEqual({
        'default-src': "'none'",
        'script-src': "'self'",
        'style-src': "'self'",
        'img-src': "'self' data:",
        'connect-src': "'self'",
        'base-uri': "'none'",
        'form-action': "'none'",
        'frame-ancestors': "'none'",
        'require-trusted-types-for': "'script'",
        'trusted-types': "'none'",
      });
    }
  });

  test('the page has no script and no style of its own: all that it names is served', async () => {
    const page = await (await ask('/')).text();
    expect(page).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:/i);
    const named = Array.from(page.matchAll(/(?:src|href)="([^"]+)"/g), ([, path]) => path);
    expect(named.sort()).toEqual(['/console.css', '/console.js', '/icon.svg']);
  });

  test('a browser that has it already is told so, without it; one that has another gets it', async () => {
    for (const path of paths) {
      const tag = (await ask(path)).headers.get('etag') ?? '';
      expect(tag).toMatch(/^"[\w-]{43}"$/);
      for (const known of [`W/${tag}`, `"another", ${tag}`]) {
        expect((await ask(path, { headers: { 'if-none-match': known } })).status, known).toBe(304);
      }
      const same = await ask(path, { headers: { 'if-none-match': tag } });
      expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', tag]);
      expect((await ask(path, { headers: { 'if-none-match': '"another"' } })).status).toBe(200);
    }
  });

  test('nothing but GET is taken', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const response = await ask('/', { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
      expect(await response.json()).toMatchObject({ code: 'method-not-allowed' });
    }
  });

  test('no path leads out of it', async () => {
    for (const path of ['/index.html', '//', '/%2e%2e/package.json', '/console.js/', '/console.js.map', '/main.tsx']) {
      expect((await ask(path)).status).toBe(404);
    }
  });

  test('a page of another site is not served it, nor is one under another name', async () => {
    for (const headers of [{ origin: 'http://elsewhere.test' }, { host: 'elsewhere.test' }]) {
      expect((await ask('/', { headers })).status).toBe(403);
    }
  });

  test('without assets there is no page', async () => {
    for (const path of paths) expect((await ask(path, {}, bare)).status).toBe(404);
  });

  test('the whole of it is less than 60 kB, compressed, and asks for nothing of Node', () => {
    const sizes = consoleAssets().map(({ body }) => gzipSync(body).byteLength);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000);
    const script = consoleAssets().find(({ path }) => path === '/console.js')?.body ?? '';
    expect(script).not.toMatch(/node:|\brequire\(|process\.env/);
  });

  test('nothing of it makes markup of text, or code of text', () => {
    const script = consoleAssets().find(({ path }) => path === '/console.js')?.body ?? '';
    expect(script).not.toMatch(/insertAdjacentHTML|outerHTML\s*=|document\.write|\beval\(|new Function\b/);
  });
});
