import type { Json } from '../../../domain/ids.js';
import { abortable } from '../../../ports/abort.js';
import { systemClock } from '../../../ports/clock.js';
import type { Clock } from '../../../ports/clock.js';
import type { CallContext } from '../../../ports/execution-backend.js';
import type { HostAnswerer, HostLink, HostReply } from '../../../ports/host-link.js';
import { nullLogger } from '../../../ports/logger.js';
import type { Logger } from '../../../ports/logger.js';
import type { HostId } from '../../../ports/worker-ownership.js';
import { connectNats, NatsError } from '../../nats/index.js';
import type { LoadNats, NatsConnection, NatsMessage } from '../../nats/index.js';
import { answerIn, bytesOf, jsonIn } from './message.js';
import type { LinkAnswer } from './message.js';
import type { NatsLinkOptions } from './options.js';

const namePattern = /^[A-Za-z0-9_-]{1,64}$/;
const hostPattern = /^[A-Za-z0-9_-]{1,128}$/;
/** No deadline, but an end: who asks has one of its own. */
const longestMs = 3_600_000;
const servedMs = 2_000;
const servedAttempts = 5;
/** A host that serves no more says so itself for so long. */
const goneMs = 5_000;

interface LinkSettings {
  readonly name: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

const broken = (cause: unknown): HostReply => ({ outcome: 'broken', cause });

class NatsLink implements HostLink {
  readonly #settings: LinkSettings;
  readonly #isOurs: boolean;
  readonly #connect: () => Promise<NatsConnection>;
  /** What waits for an answer: how it ends where that may be lost, and the host that was asked. */
  readonly #breaks = new Map<(cause: unknown) => void, HostId>();
  readonly #served = new Map<() => void, HostId>();
  #connecting: Promise<NatsConnection> | undefined;
  #forget = (): void => undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: LinkSettings, isOurs: boolean, connect: () => Promise<NatsConnection>) {
    this.#settings = settings;
    this.#isOurs = isOurs;
    this.#connect = connect;
  }

  async serve(hostId: HostId, answerer: HostAnswerer): Promise<() => void> {
    const subject = this.#subjectOf(hostId);
    const connection = await this.#connected();
    let served: HostAnswerer | undefined = answerer;
    const unsubscribe = connection.subscribe(subject, (message) => {
      void this.#answer(connection, message, served);
    });
    const end = (): void => {
      if (this.#served.delete(end)) unsubscribe();
    };
    this.#served.set(end, hostId);
    try {
      await this.#reached(connection, subject);
    } catch (cause) {
      end();
      throw cause;
    }
    return () => {
      served = undefined;
      // What is on its way until the server knows would wait for ever.
      this.#settings.clock.after(goneMs, end);
    };
  }

  async ask(hostId: HostId, request: Json, { signal }: CallContext): Promise<HostReply> {
    signal.throwIfAborted();
    const subject = this.#subjectOf(hostId);
    try {
      const connection = await abortable(this.#connected(), signal);
      const text = JSON.stringify(request);
      const bytes = bytesOf(text);
      if (bytes > connection.maxPayload) return broken(tooLarge('request', bytes, connection.maxPayload));
      const asked = connection.request(subject, text, { timeoutMs: longestMs });
      return replyOf(await abortable(this.#unbroken(hostId, asked), signal));
    } catch (cause) {
      signal.throwIfAborted();
      const isAbsent = cause instanceof NatsError && cause.problem === 'no-responders';
      return isAbsent ? { outcome: 'absent' } : broken(cause);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    for (const end of [...this.#served.keys()]) end();
    for (const fail of [...this.#breaks.keys()]) fail(new Error('the link of this host is closed'));
    const connection = await this.#connecting?.catch(() => undefined);
    this.#forget();
    if (this.#isOurs) await connection?.close();
  }

  async #connected(): Promise<NatsConnection> {
    if (this.#closing) throw new Error('the link of this host is closed');
    this.#connecting ??= this.#connect().then(
      (connection) => {
        this.#forget = this.#minded(connection);
        return connection;
      },
      (cause: unknown) => {
        this.#connecting = undefined;
        throw cause;
      },
    );
    return this.#connecting;
  }

  /** Where a connection was broken, answers may be lost: to this host, and those that it owes others, who are told. */
  #minded(connection: NatsConnection): () => void {
    const prefix = `${this.#settings.name}.again.`;
    const unsubscribe = connection.subscribe(`${prefix}*`, ({ subject }) => {
      const hostId = subject.slice(prefix.length);
      for (const [fail, asked] of [...this.#breaks]) {
        if (asked === hostId) fail(new Error('the connection of that host to the NATS server was broken'));
      }
    });
    const forget = connection.onReconnected(() => {
      for (const fail of [...this.#breaks.keys()]) fail(new Error('the connection to the NATS server was broken'));
      for (const hostId of new Set(this.#served.values())) connection.publish(prefix + hostId);
    });
    return () => {
      unsubscribe();
      forget();
    };
  }

  #subjectOf(hostId: HostId): string {
    if (!hostPattern.test(hostId)) throw new TypeError('a host id is letters, digits, "_" and "-"');
    return `${this.#settings.name}.host.${hostId}`;
  }

  /** Settles as `work`, or rejects where its answer may have been lost with the connection. */
  #unbroken<T>(hostId: HostId, work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#breaks.set(reject, hostId);
      work.then(resolve, reject).finally(() => this.#breaks.delete(reject));
    });
  }

  /** Resolves when the server knows that somebody serves: it asks itself, with nothing. */
  async #reached(connection: NatsConnection, subject: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await connection.request(subject, '', { timeoutMs: servedMs });
        return;
      } catch (cause) {
        if (attempt === servedAttempts || this.#closing) throw new Error('no way to this host', { cause });
      }
      await new Promise<void>((resolve) => void this.#settings.clock.after(servedMs / 4, resolve));
    }
  }

  /** Never rejects. */
  async #answer(connection: NatsConnection, message: NatsMessage, answerer: HostAnswerer | undefined): Promise<void> {
    if (message.reply === '') return;
    if (message.data.length === 0) {
      connection.publish(message.reply, '{}');
      return;
    }
    const answer: LinkAnswer = answerer ? await this.#answered(message, answerer) : { type: 'absent' };
    const text = JSON.stringify(answer);
    const bytes = bytesOf(text);
    const isFit = bytes <= connection.maxPayload;
    const large: LinkAnswer = { type: 'too-large', bytes };
    connection.publish(message.reply, isFit ? text : JSON.stringify(large));
  }

  async #answered(message: NatsMessage, answerer: HostAnswerer): Promise<LinkAnswer> {
    try {
      return { type: 'answered', answer: await answerer(jsonIn(message)) };
    } catch (cause) {
      this.#settings.logger.error('what another host asked was not answered', { cause });
      return { type: 'failed' };
    }
  }
}

const tooLarge = (what: string, bytes: number, most: number | undefined): Error =>
  new Error(
    `the ${what} has ${bytes} bytes, more than the NATS server takes${most === undefined ? '' : `, ${most}`}: raise its max_payload`,
  );

function replyOf(message: NatsMessage): HostReply {
  const answer = answerIn(message);
  switch (answer.type) {
    case 'answered':
      return { outcome: 'answered', answer: answer.answer };
    case 'absent':
      return { outcome: 'absent' };
    case 'failed':
      return broken(new Error('the other host has failed to answer: its log says why'));
    case 'too-large':
      return broken(tooLarge('answer', answer.bytes, undefined));
  }
}

/**
 * Hosts that ask one another over NATS: a request is one message and its answer another, each within the server's
 * `max_payload`. Connects at first use; a connection that breaks is made again for ever, and what was asked over it is
 * answered `broken`.
 */
export function natsLink(options: NatsLinkOptions, load?: LoadNats): HostLink {
  const { name = 'workport', logger = nullLogger, clock = systemClock } = options;
  if (!namePattern.test(name)) throw new TypeError('name: letters, digits, "_" and "-", at most 64');
  const settings = { name, logger, clock };
  if ('connection' in options) return new NatsLink(settings, false, async () => options.connection);
  return new NatsLink(settings, true, () => connectNats({ ...options, name: `${name} link`, clock, logger }, load));
}
