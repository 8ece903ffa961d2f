import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import { natsLink } from '../../src/adapters/host-link/nats/index.js';
import type { HostLink } from '../../src/ports/host-link.js';
import { natsConnectionTo, serverOfTest } from '../support/jetstream-ownership.js';
import { call } from '../support/log-session.js';
import { natsPrograms, natsServer } from '../support/nats-server.js';
import type { NatsProgram, NatsServer } from '../support/nats-server.js';
import { network } from '../support/network.js';
import { recordingLogger } from '../support/recording-logger.js';
import { steeredNats } from '../support/steered-nats.js';
import { linkCases, one } from '../adapters/host-link/cases.js';

const maxPayload = 65_536;

function linkTo(address: string, name: string, logger = recordingLogger()): HostLink {
  const link = natsLink({ servers: [address], name, logger });
  onTestFinished(() => link[Symbol.asyncDispose]());
  return link;
}

for (const program of Object.keys(natsPrograms) as NatsProgram[]) {
  describe(program, () => {
    const { isHere } = natsPrograms[program];
    let server: NatsServer | undefined;
    let clusters = 0;
    beforeAll(async () => {
      if (isHere) server = await natsServer({ program, jetStream: false, config: [`max_payload: ${maxPayload}`] });
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    linkCases(` [needs ${program}]`, isHere, async () => {
      const logger = recordingLogger();
      const name = `cluster-${(clusters += 1)}`;
      const links = async (count: number) =>
        Array.from({ length: count }, () => linkTo(server?.address ?? '', name, logger));
      return { lines: logger.lines, tooMany: maxPayload + 1, links };
    });
  });
}

const { isHere } = natsPrograms['nats-server'];

test.runIf(isHere)(
  'a link over another’s connection leaves it open, and what is asked is two messages [needs nats-server]',
  async () => {
    const server = await serverOfTest({ jetStream: false });
    const steered = steeredNats(await natsConnectionTo([server.address]));
    const asked = linkTo(server.address, 'test');
    await asked.serve(one, async (request) => request);
    const link = natsLink({ connection: steered.connection, name: 'test' });
    expect(await link.ask(one, 1, call)).toEqual({ outcome: 'answered', answer: 1 });
    expect(steered.count()).toBe(2);
    await link[Symbol.asyncDispose]();
    expect(steered.connection.isClosed).toBe(false);
  },
);

test.runIf(isHere)(
  'what waits for an answer over a connection that breaks is broken; both go on over the next one [needs nats-server]',
  async () => {
    const server = await serverOfTest({ jetStream: false });
    const [asking, asked] = [linkTo(server.address, 'test'), linkTo(server.address, 'test')];
    const begun = vi.fn();
    await asked.serve(one, async (request) => {
      begun();
      return request === 'wait' ? new Promise(() => undefined) : request;
    });
    const waiting = asking.ask(one, 'wait', call);
    await vi.waitFor(() => expect(begun).toHaveBeenCalled());
    await server.kill();
    await vi.waitFor(async () => expect(await asking.ask(one, 1, call)).toMatchObject({ outcome: 'broken' }));
    await server.start();
    expect(await waiting).toMatchObject({ outcome: 'broken' });
    const answered = { outcome: 'answered', answer: 2 };
    await vi.waitFor(async () => expect(await asking.ask(one, 2, call)).toEqual(answered), { timeout: 20_000 });
  },
);

test.runIf(isHere)(
  'what waits for a host whose own connection breaks is broken, and asked again it is answered [needs nats-server]',
  async () => {
    const server = await serverOfTest({ jetStream: false });
    const between = await network(Number(server.address.split(':').at(-1)));
    onTestFinished(() => between[Symbol.asyncDispose]());
    const [asking, asked] = [linkTo(server.address, 'test'), linkTo(new URL(between.url).host, 'test')];
    const begun = vi.fn();
    await asked.serve(one, async (request) => {
      begun();
      return request === 'wait' ? new Promise(() => undefined) : request;
    });
    const waiting = asking.ask(one, 'wait', call);
    await vi.waitFor(() => expect(begun).toHaveBeenCalled());
    between.down();
    between.up();
    expect(await waiting).toMatchObject({ outcome: 'broken' });
    const answered = { outcome: 'answered', answer: 2 };
    await vi.waitFor(async () => expect(await asking.ask(one, 2, call)).toEqual(answered), { timeout: 20_000 });
  },
);

test.runIf(isHere)(
  'a server that is not there breaks what is asked, and is dialled again with the next [needs nats-server]',
  async () => {
    const server = await serverOfTest({ jetStream: false });
    await server.kill();
    const link = linkTo(server.address, 'test');
    expect(await link.ask(one, 1, call)).toMatchObject({ outcome: 'broken' });
    await expect(link.serve(one, async () => 1)).rejects.toThrow();
    await server.start();
    await link.serve(one, async () => 1);
    expect(await link.ask(one, 1, call)).toEqual({ outcome: 'answered', answer: 1 });
  },
);

test('a host id that would be more than one word is refused', async () => {
  const link = natsLink({ servers: ['127.0.0.1:1'] });
  await expect(link.ask('a.b' as typeof one, 1, call)).rejects.toThrow(TypeError);
  await expect(link.serve('*' as typeof one, async () => 1)).rejects.toThrow(TypeError);
});
