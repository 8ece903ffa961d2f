import { expect, test, vi } from 'vitest';

import type { Json } from '../../../src/domain/ids.js';
import type { HostLink } from '../../../src/ports/host-link.js';
import type { HostId } from '../../../src/ports/worker-ownership.js';
import { call } from '../../support/log-session.js';
import type { LogLine } from '../../support/recording-logger.js';

export interface LinkHarness {
  /** Links of hosts that ask one another. */
  links(count: number): Promise<readonly HostLink[]>;
  /** What the hosts have told their operators. */
  readonly lines: readonly LogLine[];
  /** Bytes that no message has. */
  readonly tooMany: number;
}

export const one = 'host-one' as HostId;
const nobody = 'host-nobody' as HostId;
const echo = async (request: Json): Promise<Json> => ({ echo: request });

async function two(harness: LinkHarness): Promise<readonly [HostLink, HostLink]> {
  const [asking, asked] = await harness.links(2);
  return [asking!, asked!];
}

interface Titled {
  readonly title: string;
  readonly run: (harness: LinkHarness) => Promise<void>;
}

/** What every link between hosts does. */
const cases: readonly Titled[] = [
  {
    title: 'what a host is asked is answered, JSON of every kind, by itself too',
    async run(harness) {
      const [asking, asked] = await two(harness);
      await asked.serve(one, echo);
      for (const request of [null, '', 0, false, 'ä\u{1f511}\n', [], {}, { type: 'failed' }, [1, { two: [null] }]]) {
        expect(await asking.ask(one, request, call)).toEqual({ outcome: 'answered', answer: { echo: request } });
      }
      expect(await asked.ask(one, 1, call)).toEqual({ outcome: 'answered', answer: { echo: 1 } });
    },
  },
  {
    title: 'many are asked at once, and each gets its own answer',
    async run(harness) {
      const [asking, asked] = await two(harness);
      const waiting: (() => void)[] = [];
      await asked.serve(one, async (request) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return request;
      });
      const asks = Array.from({ length: 50 }, (_, index) => asking.ask(one, index, new AbortController()));
      await vi.waitFor(() => expect(waiting).toHaveLength(50));
      for (const go of waiting.reverse()) go();
      const answers = await Promise.all(asks);
      expect(answers).toEqual(answers.map((_, index) => ({ outcome: 'answered', answer: index })));
    },
  },
  {
    title: 'a host that nobody serves, or serves no more, is absent',
    async run(harness) {
      const [asking, asked] = await two(harness);
      expect(await asking.ask(nobody, 1, call)).toEqual({ outcome: 'absent' });
      const end = await asked.serve(one, echo);
      await asked.serve('host-two' as HostId, echo);
      end();
      end();
      expect(await asking.ask(one, 1, call)).toEqual({ outcome: 'absent' });
      expect(await asking.ask('host-two' as HostId, 1, call)).toMatchObject({ outcome: 'answered' });
      await asked[Symbol.asyncDispose]();
      await asked[Symbol.asyncDispose]();
      // What is on its way as the other end goes is never answered: who asks has a deadline.
      const asks = () => asking.ask('host-two' as HostId, 1, { signal: AbortSignal.timeout(1_000) });
      await vi.waitFor(async () => expect(await asks()).toEqual({ outcome: 'absent' }), { timeout: 20_000 });
    },
  },
  {
    title: 'who does not wait any more is told so at once, and what was asked goes on',
    async run(harness) {
      const [asking, asked] = await two(harness);
      let go = (): void => undefined;
      const done: Json[] = [];
      await asked.serve(one, async (request) => {
        await new Promise<void>((resolve) => (go = resolve));
        done.push(request);
        return request;
      });
      const early = AbortSignal.abort(new Error('early'));
      await expect(asking.ask(one, 1, { signal: early })).rejects.toThrow('early');
      const controller = new AbortController();
      const refused = vi.fn();
      const ask = asking.ask(one, 2, controller).catch(refused);
      const before = go;
      await vi.waitFor(() => expect(go).not.toBe(before));
      controller.abort(new Error('enough'));
      await ask;
      expect(refused).toHaveBeenCalledWith(new Error('enough'));
      go();
      await vi.waitFor(() => expect(done).toEqual([2]));
    },
  },
  {
    title: 'what the other host throws is told to its operator, and to nobody else',
    async run(harness) {
      const [asking, asked] = await two(harness);
      await asked.serve(one, async () => Promise.reject(new Error('a secret')));
      const reply = await asking.ask(one, 1, call);
      expect(reply).toMatchObject({ outcome: 'broken' });
      expect(reply.outcome === 'broken' && String(reply.cause)).not.toContain('secret');
      expect(harness.lines.some(({ fields }) => String(fields['cause']).includes('a secret'))).toBe(true);
    },
  },
  {
    title: 'a request that is too large, and an answer that is, are broken and say so',
    async run(harness) {
      const [asking, asked] = await two(harness);
      const large = 'x'.repeat(harness.tooMany);
      await asked.serve(one, async () => large);
      const cause = expect.objectContaining({ message: expect.stringContaining('bytes') });
      expect(await asking.ask(one, large, call)).toEqual({ outcome: 'broken', cause });
      expect(await asking.ask(one, 'small', call)).toEqual({ outcome: 'broken', cause });
      await asked.serve('host-two' as HostId, echo);
      expect(await asking.ask('host-two' as HostId, 'small', call)).toMatchObject({ outcome: 'answered' });
    },
  },
  {
    title: 'what waits when its link is closed is broken, and so is what is asked later',
    async run(harness) {
      const [asking, asked] = await two(harness);
      const begun = vi.fn();
      await asked.serve(one, async () => {
        begun();
        return new Promise<Json>(() => undefined);
      });
      const waiting = asking.ask(one, 1, call);
      await vi.waitFor(() => expect(begun).toHaveBeenCalled());
      await asking[Symbol.asyncDispose]();
      expect(await waiting).toMatchObject({ outcome: 'broken' });
      expect(await asking.ask(one, 1, call)).toMatchObject({ outcome: 'broken' });
      await expect(asking.serve(one, echo)).rejects.toThrow();
    },
  },
];

/** Registers them for one link; `needs` stands at the end of each title. */
export function linkCases(needs: string, isHere: boolean, harness: () => Promise<LinkHarness>): void {
  for (const { title, run } of cases) test.runIf(isHere)(`${title}${needs}`, async () => run(await harness()));
}
