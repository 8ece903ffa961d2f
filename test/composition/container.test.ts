import { Container, ContainerModule } from 'inversify';
import { describe, expect, test, vi } from 'vitest';

import { hashToken } from '../../src/adapters/authenticator/token/index.js';
import {
  accessModule,
  backendModule,
  edgeContainer,
  embeddedLogModule,
  hostContainer,
  inMemoryLogModule,
  javascriptModule,
  pinoLoggerModule,
  processRegisterModule,
  profileModule,
  runtimeModule,
  startHost,
  subprocessModule,
  systemClockModule,
  token,
  tokens,
} from '../../src/composition/index.js';
import { generatorBackend } from '../../src/index.js';
import type { ClusterOptions } from '../../src/index.js';
import { nullLogger } from '../../src/ports/logger.js';
import { inMemoryCluster } from '../support/in-memory-cluster.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const silent = (): ContainerModule => pinoLoggerModule({ sink: { write: () => true } });
const greeter = () => generatorBackend({ id: 'greeter', run: async function* () {} });

const required: Readonly<Record<string, () => ContainerModule>> = {
  'workport/clock': systemClockModule,
  'workport/logger': silent,
  'workport/worker-log': inMemoryLogModule,
  'workport/runtime': runtimeModule,
};
const base = (): ContainerModule[] => Object.values(required).map((module) => module());
const authenticator = (): ContainerModule =>
  accessModule({ tokens: [{ name: 'ci', sha256: hashToken('x'), scopes: ['read'] }] });
const clusterModule = (cluster: ClusterOptions): ContainerModule =>
  new ContainerModule(({ bind }) => void bind(tokens.cluster).toConstantValue(cluster));
const register = (): ContainerModule => processRegisterModule({ folder: '/nonexistent' });

/** Modules that a host may have or not. */
const optional: Readonly<Record<string, () => readonly ContainerModule[]>> = {
  authenticator: () => [authenticator()],
  register: () => [register()],
  object: () => [backendModule('greeter', greeter()), profileModule('greeter', { label: 'Greeter' })],
  subprocess: () => [subprocessModule('program', { command: 'true' }), profileModule('program', { label: 'Program' })],
  javascript: () => [javascriptModule('javascript'), profileModule('javascript', { label: 'JavaScript' })],
  nothing: () => [profileModule('planned', { label: 'Planned', backend: null })],
  cluster: () => [clusterModule(inMemoryCluster().host())],
};
const combinations = Object.keys(optional).reduce<readonly (readonly string[])[]>(
  (sets, name) => sets.flatMap((set) => [set, [...set, name]]),
  [[]],
);

test.for(combinations.map((names) => ({ names, title: names.join(', ') || 'nothing else' })))(
  'a host of the required modules and $title is built, and ends',
  async ({ names }) => {
    const container = hostContainer([...base(), ...names.flatMap((name) => optional[name]?.() ?? [])]);
    await using host = await startHost(container, { listen: {} });
    const answer = await host.runtime.read({ type: 'profiles', runtimeId: host.runtime.runtimeId });
    expect(answer).toMatchObject({ profiles: names.filter((name) => !/auth|reg|cluster/.test(name)).map(() => ({})) });
    const { status } = await fetch(`${host.url ?? ''}/api/v1/runtimes`);
    expect(status).toBe(names.includes('authenticator') ? 401 : 200);
  },
);

describe('a binding', () => {
  test.for(Object.keys(required))('that is missing is told at the start by its name: %s', async (name) => {
    const modules = Object.entries(required).flatMap(([key, module]) => (key === name ? [] : [module()]));
    const starting = startHost(hostContainer(modules));
    await expect(starting).rejects.toThrow(new TypeError(`${name} is not bound`));
  });

  test.for(Object.keys(required))('that is doubled is told at the start by its name: %s', async (name) => {
    const starting = startHost(hostContainer([...base(), required[name]!()]));
    await expect(starting).rejects.toThrow(new TypeError(`${name} is bound more than once`));
  });

  test.for([
    ['workport/sessions', authenticator],
    ['workport/process-register', register],
  ] as const)('that may be missing may not be doubled: %s', async ([name, module]) => {
    const starting = startHost(hostContainer([...base(), module(), module()]));
    await expect(starting).rejects.toThrow(new TypeError(`${name} is bound more than once`));
  });

  test('of a backend that a profile offers and nobody binds is told by the name it was looked for', async () => {
    const starting = startHost(hostContainer([...base(), profileModule('a', { label: 'A', backend: 'greeter' })]));
    await expect(starting).rejects.toThrow(new TypeError('workport/execution-backend named greeter is not bound'));
  });

  test('of two backends under one name is told by that name', async () => {
    const backends = [backendModule('a', greeter()), subprocessModule('a', { command: 'true' })];
    const starting = startHost(hostContainer([...base(), ...backends, profileModule('a', { label: 'A' })]));
    await expect(starting).rejects.toThrow(new TypeError('workport/execution-backend named a is bound more than once'));
  });

  test('that is refused at the start leaves no log open: another host can have its folder', async () => {
    const folder = await temporaryFolder();
    const others = Object.entries(required).flatMap(([name, module]) =>
      name === 'workport/worker-log' ? [] : [module()],
    );
    const modules = [...others, embeddedLogModule({ folder })];
    const doubled = [1, 2].map(() => profileModule('a', { label: 'A', backend: null }));
    await expect(startHost(hostContainer([...modules, ...doubled]))).rejects.toThrow('is bound more than once');
    await using host = await startHost(hostContainer(modules));
    expect(host.runtime.runtimeId).toBe('local');
  });

  test('of two profiles under one name is told by that name', async () => {
    const profiles = [1, 2].map(() => profileModule('a', { label: 'A', backend: null }));
    const starting = startHost(hostContainer([...base(), ...profiles]));
    await expect(starting).rejects.toThrow(new TypeError('workport/profile named a is bound more than once'));
  });

  test('that throws keeps its own words', () => {
    const doubled = ['a', 'a'].map((name) => ({ name, sha256: hashToken('x'), scopes: [] }));
    const starting = startHost(hostContainer([...base(), accessModule({ tokens: doubled })]));
    return expect(starting).rejects.toThrow(new TypeError('two tokens have the same name'));
  });
});

test('a host that cannot enter among those that share its log does not start, and leaves nothing open', async () => {
  const cluster = inMemoryCluster().host();
  const refusal = new Error('the ownership of Workers: no NATS server answers');
  vi.spyOn(cluster.ownership, 'enter').mockRejectedValue(refusal);
  const starting = startHost(hostContainer([...base(), clusterModule(cluster)]), { listen: {} });
  await expect(starting).rejects.toThrow(refusal.message);
});

test('several profiles may offer one backend', async () => {
  const backend = greeter();
  const profiles = ['a', 'b'].map((name) => profileModule(name, { label: name, backend: 'greeter' }));
  const container = hostContainer([...base(), backendModule('greeter', backend), ...profiles]);
  await using _host = await startHost(container);
  expect(container.getAll(tokens.profile).map((profile) => profile.backend)).toEqual([backend, backend]);
});

test('everything is made once', async () => {
  const container = hostContainer([...base(), ...(optional['subprocess']?.() ?? [])]);
  await using host = await startHost(container);
  for (const key of [tokens.runtime, tokens.gateway]) expect(container.get(key)).toBe(host.runtime);
  expect(container.getAll(tokens.profile)[0]?.backend).toBe(
    container.get(tokens.executionBackend, { name: 'program' }),
  );
});

test('modules load into a container of the program around, which wires its own parts by the tokens', async () => {
  const greeting = token<string>('test/greeting');
  const own = new Container();
  own.bind(tokens.logger).toConstantValue(nullLogger);
  own.load(systemClockModule(), inMemoryLogModule(), runtimeModule({ runtimeId: 'here' }));
  own.bind(greeting).toResolvedValue((runtime) => `on ${runtime.runtimeId}`, [tokens.runtime]);
  await using host = await startHost(own);
  expect(own.get(greeting)).toBe('on here');
  expect(own.get(tokens.runtime)).toBe(host.runtime);
});

test('what a parent binds need not be bound again', async () => {
  const parent = new Container();
  parent.bind(tokens.logger).toConstantValue(nullLogger);
  const container = hostContainer([systemClockModule(), inMemoryLogModule(), runtimeModule()], { parent });
  await using _host = await startHost(container);
  expect(container.get(tokens.logger)).toBe(nullLogger);
});

describe('the container of the edge', () => {
  const everything = (): Container =>
    hostContainer([...base(), authenticator(), register(), ...(optional['object']?.() ?? [])]);
  const passed = ['gateway', 'localGateway', 'authenticator', 'sessions', 'logger', 'clock', 'httpHandler'];

  test('B3: gives gateway, authenticator, logger, clock and handler, and nothing else that the host is made of', async () => {
    const inner = everything();
    await using _host = await startHost(inner);
    const edge = edgeContainer(inner);
    for (const [name, key] of Object.entries(tokens)) {
      if (passed.includes(name)) expect(edge.get<unknown>(key), name).toBeDefined();
      else expect(() => edge.get<unknown>(key), name).toThrow('No bindings found');
      expect(edge.getAll<unknown>(key).length, name).toBe(passed.includes(name) ? 1 : 0);
    }
    expect(inner.isBound(tokens.executionBackend, { name: 'greeter' })).toBe(true);
    expect(edge.isBound(tokens.executionBackend, { name: 'greeter' })).toBe(false);
  });

  test('has no parent: what is bound inside later does not appear in it', async () => {
    const inner = everything();
    await using _host = await startHost(inner);
    const edge = edgeContainer(inner);
    inner.bind(token<number>('test/late')).toConstantValue(1);
    expect(edge.isBound(token<number>('test/late'))).toBe(false);
  });
});

describe('a host', () => {
  const address = async (): Promise<{ readonly port: number; readonly blocker: AsyncDisposable }> => {
    const blocker = await startHost(hostContainer(base()), { listen: {} });
    return { port: Number(new URL(blocker.url ?? '').port), blocker };
  };

  test('that cannot listen has disposed of what it made', async () => {
    const { port, blocker } = await address();
    const backend = greeter();
    let disposed = 0;
    const watched = { ...backend, [Symbol.asyncDispose]: async () => void (disposed += 1) };
    const modules = [...base(), backendModule('a', watched), profileModule('a', { label: 'A' })];
    const starting = startHost(hostContainer(modules), { listen: { port } });
    await expect(starting).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(disposed).toBe(1);
    await blocker[Symbol.asyncDispose]();
  });

  test('on another than a loopback address without an authenticator does not start', async () => {
    const starting = startHost(hostContainer(base()), { listen: { host: '0.0.0.0' } });
    await expect(starting).rejects.toThrow(TypeError);
  });

  test('that is disposed of twice ends once, and serves no more', async () => {
    const host = await startHost(hostContainer(base()), { listen: {} });
    await Promise.all([host[Symbol.asyncDispose](), host[Symbol.asyncDispose]()]);
    await expect(fetch(`${host.url ?? ''}/healthz`)).rejects.toThrow();
  });
});
