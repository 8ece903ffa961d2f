import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';

import { ConfigError } from '../../src/composition/config/config-error.js';
import { configModules, httpOptionsOf } from '../../src/composition/config/config-modules.js';
import { hostMounts } from '../../src/composition/config/host-mounts.js';
import { hostProfiles } from '../../src/composition/config/host-profiles.js';
import { parseConfig, readConfig } from '../../src/composition/config/read-config.js';
import { splitCommand } from '../../src/composition/config/split-command.js';
import { hostContainer, startHost } from '../../src/composition/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workport-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const write = (name: string, content: unknown): Promise<void> =>
  writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

function linesOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
  return [];
}
const wrong = (content: unknown): readonly string[] => linesOf(() => parseConfig(content, 'c'));
const profile = (backend: unknown, more: object = {}) => ({ profiles: { p: { label: 'P', backend, ...more } } });

const whole = {
  runtimeId: 'local',
  server: { hosts: ['name:7420'], origins: ['https://name'] },
  auth: {
    tokens: [{ name: 'ci', sha256: 'ab'.repeat(32), scopes: ['read', 'input'], profiles: ['python'], own: true }],
    jwt: {
      name: 'sso',
      issuer: 'https://id.example',
      audience: ['https://workport.example'],
      jwksUri: 'https://id.example/keys',
      algorithms: ['ES256'],
      scopePrefix: 'workport:',
      profilesClaim: 'profiles',
      ownClaim: 'own',
      profiles: ['python'],
      own: true,
    },
  },
  profiles: {
    javascript: { label: 'JavaScript session', backend: { type: 'javascript' } },
    python: {
      label: 'Python worker',
      description: 'more',
      backend: {
        type: 'subprocess',
        command: 'python3',
        args: ['backend.py'],
        env: { MODE: 'x', API_KEY: { fromEnv: 'API_KEY' } },
        cwd: 'work',
        isolation: 'worker',
        channel: 'stdio',
        startMs: 10000,
        graceMs: 5000,
      },
      options: { any: ['JSON', 1, null] },
      deadlines: { cancelMs: 1000 },
    },
    remote: {
      label: 'Far away',
      backend: {
        type: 'remote-socket',
        address: 'tls:host:7500',
        keyFile: 'key',
        keyId: 'a',
        ca: 'ca.pem',
        graceMs: 10_800_000,
        connectMs: 5000,
      },
    },
    planned: { label: 'Not connected yet', backend: null },
  },
  log: { type: 'memory', retention: { events: 100, bytes: 1000 } },
  limits: { workers: 10, inputBytes: 1000, eventBytes: 1000, inputsPerMinute: 6, streams: 4 },
};

describe('a configuration', () => {
  test('with every key is taken', () => {
    expect(parseConfig(whole, 'c')).toEqual(whole);
    expect(httpOptionsOf(parseConfig(whole, 'c'))).toEqual({
      ...whole.server,
      bodyBytes: 1000,
      inputsPerMinute: 6,
      streams: 4,
    });
  });

  test('with a log on a server is taken', () => {
    const log = {
      type: 'jetstream',
      servers: ['nats://one:4222', 'two:4222'],
      name: 'workport',
      replicas: 3,
      durability: 'sync',
      leaseMs: 3_000,
      user: 'host',
      password: { fromEnv: 'NATS_PASSWORD' },
      token: { fromEnv: 'NATS_TOKEN' },
      credsFile: 'host.creds',
      nkeyFile: 'host.nk',
      tls: { caFile: 'ca.pem', certFile: 'cert.pem', keyFile: 'key.pem' },
      retention: { days: 30 },
    };
    expect(parseConfig({ log }, 'c')).toEqual({ log });
  });

  test.for<[title: string, content: unknown, lines: readonly string[]]>([
    [
      'an unknown key',
      { profils: {} },
      [
        'c: profils: unknown key; did you mean "profiles"? Allowed: runtimeId, server, auth, profiles, log, limits, runtimes, operator',
      ],
    ],
    [
      'an unknown key of a backend',
      profile({ type: 'subprocess', comand: 'x', command: 'x' }),
      [
        'c: profiles.p.backend.comand: unknown key; did you mean "command"? Allowed: type, command, args, isolation, channel, env, cwd, startMs, graceMs',
      ],
    ],
    [
      'an unknown key that is like no other',
      profile(null, { zzzzzzzz: 1 }),
      ['c: profiles.p.zzzzzzzz: unknown key; allowed: label, description, backend, options, deadlines'],
    ],
    [
      'an unknown key in a list',
      { auth: { tokens: [{ ...whole.auth.tokens[0], scope: 1 }] } },
      ['c: auth.tokens[0].scope: unknown key; did you mean "scopes"? Allowed: name, sha256, scopes, profiles, own'],
    ],
    [
      'a backend of an unknown type',
      profile({ type: 'subproces' }),
      [
        'c: profiles.p.backend.type: "subproces" is not known; did you mean "subprocess"? Allowed: javascript, subprocess, remote-socket, acp',
      ],
    ],
    [
      'a backend without a type',
      profile({}),
      ['c: profiles.p.backend.type: is missing; allowed: javascript, subprocess, remote-socket, acp'],
    ],
    ['a profile without a backend', { profiles: { p: { label: 'P' } } }, ['c: profiles.p.backend: is missing']],
    [
      'a command that is none',
      profile({ type: 'subprocess', command: 7 }),
      ['c: profiles.p.backend.command: has to be a text, and is 7'],
    ],
    [
      'an empty command',
      profile({ type: 'subprocess', command: '' }),
      ['c: profiles.p.backend.command: is too small: at least 1'],
    ],
    [
      'an unknown value',
      profile({ type: 'subprocess', command: 'x', channel: 'fd4' }),
      ['c: profiles.p.backend.channel: "fd4" is not known; did you mean "fd3"? Allowed: stdio, fd3'],
    ],
    [
      'a variable of a wrong form',
      profile({ type: 'subprocess', command: 'x', env: { A: { fromEnvironment: 'A' } } }),
      ['c: profiles.p.backend.env.A: has to be a text, or {"fromEnv": "NAME"}'],
    ],
    ['a limit of 0', { limits: { workers: 0 } }, ['c: limits.workers: is too small: at least 1']],
    [
      'a limit that is no integer',
      { limits: { workers: 1.5 } },
      ['c: limits.workers: has to be an integer, and is 1.5'],
    ],
    [
      'a name of a wrong form',
      { profiles: { 'a b': { label: 'x', backend: null } } },
      ['c: profiles.a b: a name has 1 … 64 letters, digits, "_", "." or "-", and begins with a letter or digit'],
    ],
    [
      'an origin that is none',
      { server: { origins: ['https://name/path'] } },
      ['c: server.origins[0]: has to be an origin, as https://name or http://name:port'],
    ],
    [
      'a token that is no hash',
      { auth: { tokens: [{ name: 'ci', sha256: 'secret', scopes: ['read'] }] } },
      ['c: auth.tokens[0].sha256: has to be the SHA-256 of the token, as 64 hex digits'],
    ],
    [
      'two tokens of one name',
      { auth: { tokens: [whole.auth.tokens[0], { ...whole.auth.tokens[0], sha256: 'cd'.repeat(32) }] } },
      ['c: auth.tokens: two have the name "ci"'],
    ],
    [
      'two tokens of one hash',
      { auth: { tokens: [whole.auth.tokens[0], { ...whole.auth.tokens[0], name: 'other' }] } },
      ['c: auth.tokens: two have the same sha256'],
    ],
    [
      'the name of the token of the host',
      { auth: { tokens: [{ ...whole.auth.tokens[0], name: 'access' }] } },
      ['c: auth.tokens[0].name: "access" is the name of the token that the host starts with'],
    ],
    [
      'an address that is none',
      profile({ type: 'remote-socket', address: 'host:7500' }),
      [
        'c: profiles.p.backend.address: "host:7500" has no scheme that is known; an address is unix:PATH, tls:HOST:PORT or tcp:HOST:PORT',
      ],
    ],
    [
      'clear text to another host',
      profile({ type: 'remote-socket', address: 'tcp:host:7500', keyFile: 'key' }),
      [
        'c: profiles.p.backend.address: this leads to another host in clear text: use tls:, or say allowPlaintext where nobody else is on the path',
      ],
    ],
    [
      'an address that needs a key',
      profile({ type: 'remote-socket', address: 'tcp:127.0.0.1:7500' }),
      ['c: profiles.p.backend.keyFile: a tcp: address needs a key file, which both ends have'],
    ],
    [
      'a grace that is too long',
      profile({ type: 'remote-socket', address: 'unix:x', graceMs: 10_800_001 }),
      ['c: profiles.p.backend.graceMs: a grace is 0 … 10800000 ms'],
    ],
    [
      'an issuer whose keys anybody on the way could change',
      { auth: { jwt: { ...whole.auth.jwt, jwksUri: 'http://id.example/keys' } } },
      ['c: auth.jwt.jwksUri: has to be an address with https:, or with http: on this machine'],
    ],
    [
      'an algorithm that needs a shared secret',
      { auth: { jwt: { ...whole.auth.jwt, algorithms: ['HS256'] } } },
      [
        'c: auth.jwt.algorithms[0]: "HS256" is not known; did you mean "RS256"? Allowed: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519',
      ],
    ],
    [
      'half of an issuer',
      { auth: { jwt: { name: 'a:b', audience: 7, profileClaim: 'x', jwksUri: 'https://id.example/keys' } } },
      [
        'c: auth.jwt.name: a name has 1 … 64 letters, digits, "_", "." or "-", and begins with a letter or digit',
        'c: auth.jwt.issuer: is missing',
        'c: auth.jwt.audience: has to be a text, or a list of texts',
        'c: auth.jwt.profileClaim: unknown key; did you mean "profilesClaim"? Allowed: name, issuer, audience, jwksUri, algorithms, scopePrefix, profilesClaim, ownClaim, profiles, own',
      ],
    ],
    [
      'half of an agent',
      profile({ type: 'acp', command: 'x', files: 'all', model: 'x' }),
      [
        'c: profiles.p.backend.files: "all" is not known; allowed: none, read, write',
        'c: profiles.p.backend.model: unknown key; did you mean "mode"? Allowed: type, command, args, authenticate, mode, files, terminals, env, cwd, startMs, graceMs',
      ],
    ],
    [
      'what a later version has',
      {
        log: { type: 'embedded', durability: 'sync' },
        operator: { port: 1 },
      },
      ['c: operator: this version has no operator port; leave it out'],
    ],
    [
      'half of a log on a server',
      {
        log: {
          type: 'jetstream',
          servers: ['nats://me:secret@name'],
          name: 'a.b',
          replicas: 2,
          durability: 'none',
          leaseMs: 499,
          password: 'secret',
          tls: false,
        },
      },
      [
        'c: log.servers[0]: holds a credential: put it into user, password or token',
        'c: log.name: has 1 … 64 letters, digits, "_" or "-"',
        'c: log.replicas: 2 is not known; did you mean "1"? Allowed: 1, 3, 5',
        'c: log.durability: "none" is not known; allowed: sync, interval',
        'c: log.leaseMs: is too small: at least 500',
        'c: log.password: has to be {"fromEnv": "NAME"}',
        'c: log.tls: has to be true, or an object of caFile, certFile and keyFile',
      ],
    ],
    [
      'a Runtime of another host that nobody should reach so',
      {
        runtimes: {
          a: { url: 'http://name:1' },
          b: { url: 'name:1' },
          c: { url: 'https://me:secret@name' },
          d: { url: 'http://127.0.0.1:1', token: 'x' },
          'e e': { url: 'https://name' },
          f: { url: 'http://name:1', allowPlaintext: true, remoteId: 'x' },
        },
      },
      [
        'c: runtimes.a.url: leads to another host in clear text: use https:, or say allowPlaintext where nobody else is on the path',
        'c: runtimes.b.url: has to be the address of a host, as https://name:7420',
        'c: runtimes.c.url: holds a credential: put the token into a tokenFile',
        'c: runtimes.d.token: unknown key; allowed: url, remoteId, tokenFile, allowPlaintext',
        'c: runtimes.e e: a name has 1 … 64 letters, digits, "_", "." or "-", and begins with a letter or digit',
      ],
    ],
    ['a list', [], ['c: has to hold an object, as its default export']],
  ])('with %s is refused, and says where, what and what is allowed', ([, content, lines]) => {
    expect(wrong(content)).toEqual(lines);
  });
});

describe('the Runtimes of other hosts', () => {
  const found = (runtimes: object, more: object = {}) => ({
    config: parseConfig({ runtimes, ...more }, 'c'),
    folder,
    file: 'c',
  });
  const url = 'https://name:7420';

  it('have a token file beside the configuration', async () => {
    await write('other.token', 'secret\n');
    expect(hostMounts(found({ other: { url, tokenFile: 'other.token', remoteId: 'theirs' } }))).toEqual([
      { name: 'other', url, remoteId: 'theirs', tokenFile: join(folder, 'other.token') },
    ]);
    expect(hostMounts(undefined)).toEqual([]);
  });

  it.each([
    [{ local: { url } }, {}, 'runtimes.local: this host’s own Runtime is called so; give one of them another name'],
    [
      { mine: { url } },
      { runtimeId: 'mine' },
      'runtimes.mine: this host’s own Runtime is called so; give one of them another name',
    ],
    [
      { other: { url, tokenFile: 'none' } },
      {},
      'runtimes.other.tokenFile: there is no file FOLDER/none that can be read',
    ],
  ])('are refused as %j with %j', (runtimes, more, line) => {
    expect(linesOf(() => hostMounts(found(runtimes, more)))).toEqual([
      line.replace('FOLDER', folder).replace('’', "'"),
    ]);
  });
});

describe('the file', () => {
  const content = { profiles: { planned: { label: 'P', backend: null } } };

  test.for([
    ['workport.config.json', JSON.stringify(content)],
    ['workport.config.mjs', `export default ${JSON.stringify(content)};`],
    ['workport.config.js', `module.exports = ${JSON.stringify(content)};`],
  ] as const)('%s is found in the folder', async ([name, text]) => {
    await write(name, text);
    await expect(readConfig(folder)).resolves.toEqual({ config: content, folder, file: name });
  });

  test('that is nowhere is none', async () => {
    await expect(readConfig(folder)).resolves.toBeUndefined();
  });

  test.for<[title: string, files: Readonly<Record<string, string>>, named: string | undefined, message: RegExp]>([
    ['that is named and not there', {}, 'x.json', /^--config: there is no file x\.json that can be read$/],
    ['of another kind', { 'x.yaml': '' }, 'x.yaml', /^x\.yaml: a configuration ends in \.json, \.js or \.mjs$/],
    ['that is no JSON', { 'x.json': '{' }, 'x.json', /^x\.json: cannot be read as it is written: /],
    ['that throws', { 'x.mjs': 'throw new Error("boom")' }, 'x.mjs', /^x\.mjs: cannot be read: boom$/],
    ['without a default export', { 'x.mjs': 'export const a = 1' }, 'x.mjs', /^x\.mjs: has to hold an object, as its/],
    [
      'that is there twice',
      { 'workport.config.json': '{}', 'workport.config.mjs': '' },
      undefined,
      /^there are workport\.config\.json and workport\.config\.mjs: keep one, or name one with --config$/,
    ],
  ])('%s is refused with one line', async ([, files, named, message]) => {
    for (const [name, text] of Object.entries(files)) await write(name, text);
    await expect(readConfig(folder, named)).rejects.toThrow(message);
  });
});

describe('profiles', () => {
  const found = (profiles: unknown) => ({ config: parseConfig({ profiles }, 'c'), folder: '/config', file: 'c' });
  const subprocess = (command: string, more: object = {}) => ({
    label: 'P',
    backend: { type: 'subprocess', command, ...more },
  });

  test('are the built-in one without file and flag', () => {
    expect(hostProfiles(undefined, [], '/here')).toEqual({
      javascript: {
        label: 'JavaScript session',
        description: expect.stringContaining('6 * 7'),
        backend: { type: 'javascript' },
      },
    });
  });

  test('are agents after acp:, in the folder of the start', () => {
    const { agent } = hostProfiles(undefined, ['agent=acp:./bin/agent --acp "a b"'], '/here');
    expect(agent).toEqual({
      label: 'agent',
      backend: { type: 'acp', command: '/here/bin/agent', args: ['--acp', 'a b'], cwd: '/here' },
    });
  });

  test('are those of file and flags, and no other', () => {
    expect(Object.keys(hostProfiles(undefined, ['a=b'], '/here'))).toEqual(['a']);
    expect(Object.keys(hostProfiles(found({ p: subprocess('x') }), ['a=b'], '/here'))).toEqual(['p', 'a']);
    expect(linesOf(() => hostProfiles(found({}), [], '/here'))[0]).toMatch(/^c: names no profile; add one/);
    expect(linesOf(() => hostProfiles(found({ p: subprocess('x') }), ['p=b'], '/here'))).toEqual([
      '--profile p=…: there is a profile of that name already',
    ]);
  });

  test('have paths relative to their file, or to where the flag was given', () => {
    const profiles = {
      bare: subprocess('python3'),
      beside: subprocess('./bin/x', { cwd: 'work' }),
      absolute: subprocess('/usr/bin/x', { cwd: '/work' }),
    };
    const backends = hostProfiles(found(profiles), ['flag=./x y'], '/here');
    expect(Object.values(backends).map(({ backend }) => backend)).toMatchObject([
      { command: 'python3', cwd: '/config' },
      { command: '/config/bin/x', cwd: '/config/work' },
      { command: '/usr/bin/x', cwd: '/work' },
      { command: '/here/x', args: ['y'], cwd: '/here' },
    ]);
  });

  test('have sockets and key files relative to their file, or to where the flag was given', () => {
    const remote = { type: 'remote-socket', address: 'unix:run/b.sock', keyFile: 'key' };
    const tls = { type: 'remote-socket', address: 'tls:h:1', keyFile: '/key', ca: 'ca.pem' };
    const profiles = { remote: { label: 'P', backend: remote }, tls: { label: 'P', backend: tls } };
    const flags = ['flag=unix:b.sock', 'pinned=tls:h:1?key=k&keyId=a&fingerprint=' + 'AB:'.repeat(31) + 'AB'];
    const backends = hostProfiles(found(profiles), [...flags, 'open=tcp:h:1?key=k&allowPlaintext=true'], '/here');
    expect(Object.values(backends).map(({ backend }) => backend)).toEqual([
      { type: 'remote-socket', address: 'unix:/config/run/b.sock', keyFile: '/config/key' },
      { type: 'remote-socket', address: 'tls:h:1', keyFile: '/key', ca: '/config/ca.pem' },
      { type: 'remote-socket', address: 'unix:/here/b.sock' },
      {
        type: 'remote-socket',
        address: 'tls:h:1',
        keyFile: '/here/k',
        keyId: 'a',
        fingerprint: 'AB:'.repeat(31) + 'AB',
      },
      { type: 'remote-socket', address: 'tcp:h:1', keyFile: '/here/k', allowPlaintext: true },
    ]);
  });

  test('with a socket whose path is too long where it stands are refused', () => {
    const flag = `a=unix:${'x'.repeat(60)}`;
    const [line] = linesOf(() => hostProfiles(undefined, [flag], `/${'y'.repeat(60)}`));
    expect(line).toMatch(/has a path of more than \d+ bytes; an address is /);
  });

  test.for([
    ['python', 'has to be NAME=COMMAND'],
    ['=x', 'has to be NAME=COMMAND'],
    ['a b=x', 'the name has'],
    ['a=', 'there is no command'],
    ['a= ""', 'there is no command'],
    ['a=x "y', 'a quote is not closed'],
    ['a=acp:', 'there is no command'],
    ['a=tcp:h', 'names no port; an address is unix:PATH, tls:HOST:PORT or tcp:HOST:PORT'],
    ['a=tls:h:1', 'a tls: address needs a key file'],
    ['a=tls:h:1?kee=k', '"kee" is not known; did you mean "key"?'],
    ['a=tls:h:1?key', '"key" has no value'],
    ['a=tcp:h:1?key=k', 'in clear text'],
    ['a=unix:/x?ca=c', 'a ca is for a tls: address'],
  ] as const)('--profile %j is refused: %s', ([flag, reason]) => {
    const [line] = linesOf(() => hostProfiles(undefined, [flag], '/here'));
    expect(line).toMatch(
      /^--profile ".*": .*; for example --profile "(python=python3 backend\.py|gemini=acp:gemini --acp|far=tls:host:7500\?key=FILE&ca=FILE)"$/,
    );
    expect(line).toContain(reason);
  });
});

test.for<[text: string, words: readonly string[] | undefined]>([
  ['', []],
  ['  a  b\tc\n', ['a', 'b', 'c']],
  [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
  [`a'b'"c"\\ d`, ['abc d']],
  [`"a\\"b" 'a\\b' "a\\nb"`, ['a"b', 'a\\b', 'a\\nb']],
  [`'' ""`, ['', '']],
  ['$HOME *.js ~ `x` $(x)', ['$HOME', '*.js', '~', '`x`', '$(x)']],
  [`"$HOME" "\\$HOME"`, ['$HOME', '$HOME']],
  [`a 'b`, undefined],
  [`a "b`, undefined],
  ['a\\', undefined],
])('a command %j is split as a shell splits it', ([text, words]) => {
  expect(splitCommand(text)).toEqual(words);
});

test('R6: a reference to a variable is passed on as it is, and is resolved by nobody before a start', async () => {
  delete process.env['WORKPORT_TEST_NOT_SET'];
  const env = { KEY: { fromEnv: 'WORKPORT_TEST_NOT_SET' } };
  const profiles = { p: { label: 'P', backend: { type: 'subprocess' as const, command: 'x', env } } };
  const log = { sink: { write: () => true } };
  await using host = await startHost(hostContainer(await configModules({ config: {}, profiles, log })));
  const { runtimeId } = host.runtime;
  const created = await host.runtime.execute({ type: 'create', runtimeId, profile: 'p' });
  expect(created).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
});

test('the operator log shows neither the token nor what is referred to by fromEnv', async () => {
  process.env['WORKPORT_TEST_SECRET'] = 'env-secret-value';
  const env = { KEY: { fromEnv: 'WORKPORT_TEST_SECRET' } };
  const profiles = { p: { label: 'P', backend: { type: 'javascript' as const, env } } };
  const lines: string[] = [];
  const log = { sink: { write: (line: string) => lines.push(line) > 0 } };
  const container = hostContainer(await configModules({ config: {}, profiles, token: 'the-access-token', log }));
  await using _host = await startHost(container);
  const { tokens } = await import('../../src/composition/index.js');
  container.get(tokens.logger).error('env-secret-value the-access-token');
  expect(lines.join('')).toContain('[redacted] [redacted]');
  expect(lines.join('')).not.toMatch(/env-secret|the-access/);
});
