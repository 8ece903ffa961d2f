import { NatsError } from '../../src/adapters/nats/index.js';
import type { NatsConnection, NatsMessage } from '../../src/adapters/nats/index.js';

/** What becomes of a message: `unsent`: it is lost. `unanswered`: it comes, and its answer is lost. */
export type Fate = 'passes' | 'unsent' | 'unanswered';

export interface SteeredNats {
  readonly connection: NatsConnection;
  /** Messages that this end has sent and got, by the first words of their subjects. */
  readonly counts: Map<string, number>;
  /** In all. */
  count(): number;
  /** Asked of each message that is sent. */
  steer(fate: (subject: string, data: string) => Fate): void;
  /** From now on nothing is heard of what is said there. */
  deafen(isLost: (subject: string) => boolean): void;
  /** Nothing goes either way until it is joined. */
  cut(): void;
  join(): void;
}

const kindOf = (subject: string): string =>
  subject.startsWith('_INBOX')
    ? 'inbox'
    : subject
        .split('.')
        .slice(0, 3)
        .join('.')
        .replace(/[0-9a-f-]{36}/g, '*');

const textOf = (data: Uint8Array | string): string =>
  typeof data === 'string' ? data : new TextDecoder().decode(data);

/** A connection whose messages are counted and can be lost. */
export function steeredNats(connection: NatsConnection): SteeredNats {
  const counts = new Map<string, number>();
  const reconnected = new Set<() => void>();
  let [isCut, fateOf]: [boolean, (subject: string, data: string) => Fate] = [false, () => 'passes'];
  let isLost = (_subject: string): boolean => false;
  const add = (way: string, subject: string): void => {
    const kind = `${way} ${kindOf(subject)}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  };
  const steered: NatsConnection = {
    get serverVersion() {
      return connection.serverVersion;
    },
    get maxPayload() {
      return connection.maxPayload;
    },
    get isClosed() {
      return connection.isClosed;
    },
    async request(subject, data, options) {
      const fate = isCut ? 'unsent' : fateOf(subject, textOf(data));
      if (fate === 'unsent') throw new NatsError('not-sent', 'the test has lost it');
      add('sent', subject);
      const answer = await connection.request(subject, data, options);
      add('got', 'answer');
      if (isCut || fate === 'unanswered') throw new NatsError('no-answer', 'the test has lost its answer');
      return answer;
    },
    publish(subject, data, reply) {
      if (isCut || fateOf(subject, data ?? '') === 'unsent') return;
      add('sent', subject);
      connection.publish(subject, data, reply);
    },
    subscribe(subject, onMessage) {
      return connection.subscribe(subject, (message: NatsMessage) => {
        if (isCut || isLost(message.subject)) return;
        add('got', message.subject);
        onMessage(message);
      });
    },
    newInbox: () => connection.newInbox(),
    newId: () => connection.newId(),
    onReconnected(run) {
      reconnected.add(run);
      const end = connection.onReconnected(run);
      return () => {
        reconnected.delete(run);
        end();
      };
    },
    close: () => connection.close(),
  };
  return {
    connection: steered,
    counts,
    count: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    steer: (fate) => void (fateOf = fate),
    deafen: (lost) => void (isLost = lost),
    cut: () => void (isCut = true),
    join() {
      isCut = false;
      for (const run of [...reconnected]) run();
    },
  };
}
