import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { cruise } from 'dependency-cruiser';
import type { IConfiguration, ICruiseOptions, ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Sources by path: each a list of what it imports, or its text. */
type Sources = Readonly<Record<string, string>>;

const empty = 'export {};';
const imports = (...specifiers: readonly string[]): string =>
  specifiers.map((specifier) => `import '${specifier}';`).join('\n');
const importsType = (specifier: string): string => `export type Planted = import('${specifier}').Planted;`;

/** For each rule of the walls one smallest tree that breaks it, and nothing else. */
const planted: Readonly<Record<string, Sources>> = {
  'domain-imports-nothing': {
    'src/domain/worker/decide.ts': imports('../../ports/clock.js'),
    'src/ports/clock.ts': empty,
  },
  'ports-import-the-domain-only': { 'src/ports/clock.ts': imports('node:timers') },
  'protocol-imports-domain-and-zod-only': {
    'src/protocol/events.ts': imports('../ports/clock.js'),
    'src/ports/clock.ts': empty,
  },
  'runtime-imports-ports-domain-protocol-only': {
    'src/runtime/mailbox.ts': imports('../adapters/logger/pino/index.js'),
    'src/adapters/logger/pino/index.ts': empty,
  },
  'adapters-stay-outside': {
    'src/adapters/worker-log/in-memory/log.ts': imports('../../../runtime/mailbox.js'),
    'src/runtime/mailbox.ts': empty,
  },
  'adapters-import-no-other-adapter': {
    'src/adapters/browser-gateway/edge/edge.ts': imports('../http/handler.js'),
    'src/adapters/browser-gateway/http/handler.ts': empty,
  },
  'nats-is-a-connection': {
    'src/adapters/nats/connection.ts': imports('../../ports/worker-log.js'),
    'src/ports/worker-log.ts': empty,
  },
  'gateways-build-on-the-edge': {
    'src/adapters/browser-gateway/websocket/socket-session.ts': imports('../http/reply.js'),
    'src/adapters/browser-gateway/http/reply.ts': empty,
  },
  'backends-share-wire-and-process-only': {
    'src/adapters/execution-backend/subprocess/index.ts': imports('../in-memory/index.js'),
    'src/adapters/execution-backend/in-memory/index.ts': empty,
  },
  'author-api-knows-no-transport': {
    'src/adapters/execution-backend/define-backend.ts': imports('./wire/peer.js'),
    'src/adapters/execution-backend/wire/peer.ts': empty,
  },
  'gateways-never-reach-a-backend': {
    'src/adapters/browser-gateway/http/handler.ts': importsType('../../../ports/browser-gateway.js'),
    'src/ports/browser-gateway.ts': importsType('./execution-backend.js'),
    'src/ports/execution-backend.ts': empty,
  },
  'client-imports-types-only': {
    'src/adapters/browser-gateway/client/index.ts': imports('../../../ports/clock.js'),
    'src/ports/clock.ts': empty,
  },
  'console-page-is-a-client': {
    'src/adapters/browser-gateway/console/page/main.tsx': imports('../../http/handler.js'),
    'src/adapters/browser-gateway/http/handler.ts': empty,
  },
  'contracts-import-ports-domain-protocol-only': { 'src/contracts/cases.ts': imports('node:fs') },
  'inversify-in-composition-only': { 'src/cli/main.ts': imports('inversify') },
  'root-entry-is-a-list': {
    'src/index.ts': imports('./adapters/execution-backend/subprocess/index.js'),
    'src/adapters/execution-backend/subprocess/index.ts': empty,
  },
  'root-entry-runs-anywhere': { 'src/adapters/worker-log/in-memory/log.ts': imports('node:fs') },
  'no-cycles': {
    'src/domain/worker/decide.ts': importsType('./evolve.js'),
    'src/domain/worker/evolve.ts': importsType('./decide.js'),
  },
  'sources-import-shipped-packages-only': { 'src/cli/main.ts': imports('fast-check') },
  'imports-resolve': { 'src/cli/main.ts': imports('./missing.js') },
};

/** One tree with an import of everything that the table allows. */
const allowed: Sources = {
  'src/domain/ids.ts': empty,
  'src/domain/outcome.ts': imports('./ids.js'),
  'src/ports/clock.ts': imports('../domain/ids.js'),
  'src/ports/execution-backend.ts': imports('../domain/ids.js', './clock.js'),
  'src/ports/browser-gateway.ts': imports('../domain/outcome.js'),
  'src/protocol/events.ts': imports('zod', '../domain/ids.js'),
  'src/protocol/browser.ts': imports('./events.js'),
  'src/runtime/mailbox.ts': imports('../ports/execution-backend.js', '../domain/ids.js', '../protocol/events.js'),
  'src/adapters/execution-backend/define-backend.ts': imports('../../ports/execution-backend.js'),
  'src/adapters/execution-backend/generator/events.ts': imports('../../../domain/ids.js'),
  'src/adapters/execution-backend/generator-backend.ts': imports('./define-backend.js', './generator/events.js'),
  'src/adapters/execution-backend/wire/peer.ts': imports('../../../protocol/events.js'),
  'src/adapters/execution-backend/process/group.ts': imports('node:child_process'),
  'src/adapters/execution-backend/subprocess/index.ts': imports('../wire/peer.js', '../process/group.js'),
  'src/adapters/execution-backend/javascript/session.ts': imports('../generator-backend.js', 'node:vm'),
  'src/adapters/worker-log/in-memory/index.ts': imports('../../../ports/clock.js'),
  'src/adapters/browser-gateway/http/index.ts': imports('hono', '../../../ports/browser-gateway.js', './frames.js'),
  'src/adapters/browser-gateway/http/frames.ts': imports('../../../protocol/browser.js'),
  'src/adapters/browser-gateway/client/index.ts': importsType('../../../protocol/browser.js'),
  'src/adapters/browser-gateway/console/console-assets.ts': importsType('../edge/asset.js'),
  'src/adapters/browser-gateway/edge/asset.ts': empty,
  'src/adapters/browser-gateway/console/page/main.tsx': imports(
    'preact',
    './views/console.js',
    '../../client/index.js',
    '../../../../domain/observation/event.js',
  ),
  'src/adapters/browser-gateway/console/page/views/console.tsx': importsType('../../../../../ports/browser-gateway.js'),
  'src/domain/observation/event.ts': empty,
  'src/adapters/browser-gateway/client/stream.ts': imports('../../../ports/abort.js'),
  'src/ports/abort.ts': empty,
  'src/adapters/logger/pino/index.ts': imports('pino'),
  'src/contracts/cases.ts': imports('node:assert/strict', '../ports/execution-backend.js'),
  'src/composition/container.ts': imports('reflect-metadata', 'inversify', '../adapters/logger/pino/index.js'),
  'src/cli/main.ts': imports('commander', '../composition/container.js', 'node:process'),
  'src/index.ts': imports(
    './runtime/mailbox.js',
    './adapters/worker-log/in-memory/index.js',
    './adapters/execution-backend/define-backend.js',
    './adapters/execution-backend/generator-backend.js',
    './ports/clock.js',
    './domain/ids.js',
  ),
};

let configuration: IConfiguration;
let folder = '';

beforeAll(async () => {
  const loaded: unknown = await import(pathToFileURL(join(root, '.dependency-cruiser.mjs')).href);
  configuration = (loaded as { readonly default: IConfiguration }).default;
  folder = await mkdtemp(join(tmpdir(), 'workport-walls-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Plants the sources in a repository of their own and answers what in them breaks a rule. */
async function violationsIn(name: string, sources: Sources): Promise<ICruiseResult['summary']['violations']> {
  const baseDir = join(folder, name);
  for (const [path, text] of Object.entries(sources)) {
    await mkdir(dirname(join(baseDir, path)), { recursive: true });
    await writeFile(join(baseDir, path), text);
  }
  await cp(join(root, 'package.json'), join(baseDir, 'package.json'));
  await symlink(join(root, 'node_modules'), join(baseDir, 'node_modules'));
  const { enhancedResolveOptions, tsConfig: _unused, ...options } = configuration.options ?? {};
  const cruising: ICruiseOptions = {
    ...options,
    baseDir,
    preserveSymlinks: true,
    validate: true,
    ruleSet: { forbidden: configuration.forbidden ?? [] },
  };
  const { output } = await cruise(['src'], cruising, enhancedResolveOptions, {
    tsConfig: extractTSConfig(join(root, 'tsconfig.json')),
  });
  return (output as ICruiseResult).summary.violations;
}

/** The names of the rules that the sources break. */
async function broken(name: string, sources: Sources): Promise<readonly string[]> {
  return [...new Set((await violationsIn(name, sources)).map(({ rule }) => rule.name))];
}

test.for(Object.entries(planted))(
  'the wall %s refuses its planted violation, and it alone does',
  async ([rule, sources]) => {
    expect(await broken(rule, sources)).toEqual([rule]);
  },
);

test('imports that the table allows break no rule', async () => {
  expect(await broken('allowed', allowed)).toEqual([]);
});

const outbound = ['execution-backend', 'observation-publisher', 'worker-log'];
const roomsOfGateway = ['edge', 'http', 'websocket', 'client', 'console', 'one/that/is/added/later'];
/** What a file of a gateway could hold to come to a port that it may not know. `up` leads to `src/`. */
const waysTo = (port: string, up: string): Readonly<Record<string, string>> => ({
  value: imports(`${up}ports/${port}.js`),
  type: importsType(`${up}ports/${port}.js`),
  'import-type': `import type { Planted } from '${up}ports/${port}.js';`,
  'export-again': `export * from '${up}ports/${port}.js';`,
  'run-time': `export const planted = import('${up}ports/${port}.js');`,
  'by-a-port': importsType(`${up}ports/by-${port}.js`),
  'by-protocol-and-domain': imports(`${up}protocol/by-${port}.js`),
});

test('B3: no way leads from any room of browser-gateway to an outbound port, by value or by type, straight or not', async () => {
  const sources: Record<string, string> = {};
  for (const port of outbound) {
    sources[`src/ports/${port}.ts`] = empty;
    sources[`src/ports/by-${port}.ts`] = importsType(`./${port}.js`);
    sources[`src/protocol/by-${port}.ts`] = imports(`../domain/by-${port}.js`);
    sources[`src/domain/by-${port}.ts`] = importsType(`../ports/${port}.js`);
  }
  const files = roomsOfGateway.flatMap((room) =>
    outbound.flatMap((port) =>
      Object.entries(waysTo(port, '../'.repeat(room.split('/').length + 2))).map(([way, text]) => {
        const file = `src/adapters/browser-gateway/${room}/${port}-${way}.ts`;
        sources[file] = text;
        return file;
      }),
    ),
  );
  const violations = await violationsIn('ways', sources);
  const found = violations.filter(({ rule }) => rule.name === 'gateways-never-reach-a-backend');
  expect([...new Set(found.map(({ from }) => from))].sort()).toEqual(files.sort());
});

test('an authenticator imports what is beside them, and no other one', async () => {
  const sources = (specifier: string): Sources => ({
    'src/adapters/authenticator/token/index.ts': imports(specifier),
    'src/adapters/authenticator/session/index.ts': empty,
    'src/adapters/authenticator/revocable.ts': empty,
  });
  expect(await broken('beside', sources('../revocable.js'))).toEqual([]);
  expect(await broken('other', sources('../session/index.js'))).toEqual(['adapters-import-no-other-adapter']);
});

test('what reaches a NATS server is for the adapters of any port', async () => {
  const sources = {
    'src/adapters/worker-log/jetstream/index.ts': imports('../../nats/index.js'),
    'src/adapters/nats/index.ts': empty,
  };
  expect(await broken('nats', sources)).toEqual([]);
});

test('every rule has a planted violation and says what to do instead', () => {
  const rules = configuration.forbidden ?? [];
  expect(rules.map((rule) => rule.name).sort()).toEqual(Object.keys(planted).sort());
  for (const rule of rules) expect(rule.comment?.length, rule.name).toBeGreaterThan(40);
});
