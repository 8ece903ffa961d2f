import type { WireConnection } from '../../src/contracts/execution-backend/harness.js';
import { type Message, messageOf, type Tamper, tampered, type Tampering } from './tampered-connection.js';

export interface WireFault {
  /** What the backend does wrong. */
  readonly fault: string;
  /** Exactly the cases that find it, without `EB-WIRE-`. */
  readonly found: readonly string[];
  readonly reconnects?: boolean;
  front(connection: WireConnection): WireConnection;
}

type Events = { sequence: number; events: unknown[] } & Record<string, unknown>;

const fault = (
  name: string,
  found: readonly string[],
  tamper: () => Tamper,
  more: Pick<WireFault, 'reconnects'> = {},
): WireFault => ({ fault: name, found, ...more, front: (connection) => tampered(tamper(), connection) });

/** Changes what the backend says in `worker/events`. */
const saying = (change: (params: Events) => readonly Events[]) => (line: string) => {
  const { method, params } = messageOf(line);
  if (method !== 'worker/events' || !params) return [line];
  return change(params as Events).map((changed): Message => ({ method, params: changed }));
};

const answering = (
  fits: (message: Message) => boolean,
  change: (message: Message) => readonly (string | Message)[],
) => {
  return (line: string) => {
    const message = messageOf(line);
    return fits(message) ? change(message) : [line];
  };
};

/** Follows which method each request has, for who changes its answer. */
function byMethod(
  change: (method: string, message: Message, tampering: Tampering) => readonly (string | Message)[] | undefined,
): Tamper {
  const methods = new Map<unknown, string>();
  return {
    told: (line) => {
      const { id, method } = messageOf(line);
      if (id !== undefined && method !== undefined) methods.set(id, method);
      return [line];
    },
    said: (line, tampering) => {
      const message = messageOf(line);
      const method = methods.get(message.id);
      return (method !== undefined && change(method, message, tampering)) || [line];
    },
  };
}

const isComplaint = ({ id, error }: Message): boolean => error !== undefined && (id ?? null) === null;

const complaint = (line: number): Message => ({
  id: null,
  error: { code: -32700, message: 'Parse error', data: { kind: 'parse-error', line } },
});

/** What is no JSON-RPC never reaches the serving end. */
function atGarbage(act: (tampering: Tampering, line: number) => void): NonNullable<Tamper['told']> {
  let count = 0;
  return (line, tampering) => {
    count += 1;
    if (messageOf(line).jsonrpc !== undefined) return [line];
    act(tampering, count);
    return [];
  };
}

/** The Workers that were spawned over any connection. */
const spawned = new Set<unknown>();

export const wireFaults: readonly WireFault[] = [
  fault('says hello before it is asked', ['002'], () => ({
    greet: ({ say }) => say({ method: 'hello', params: { name: 'me' } }),
  })),
  fault('skips what it cannot read in silence', ['005', '006', '019', '020', '021', '022', '023', '024'], () => ({
    said: answering(isComplaint, () => []),
  })),
  fault('complains about the line before', ['005', '006', '019', '020', '021', '022', '023', '024'], () => ({
    said: answering(isComplaint, ({ error, ...message }) => {
      const line = Number(error?.data['line']) - 1;
      return error ? [{ ...message, error: { ...error, data: { ...error.data, line } } }] : [];
    }),
  })),
  fault('forgives every line that it cannot read', ['006', '020', '021', '022'], () => ({
    told: atGarbage(({ say }, line) => say(complaint(line))),
  })),
  fault('closes the connection at the first line that it cannot read', ['019', '020', '021', '022', '024'], () => ({
    told: atGarbage(({ say, cut }, line) => {
      say(complaint(line));
      cut();
    }),
  })),
  fault('performs what stands in a batch', ['019'], () => ({
    told: (line) => {
      if (!line.startsWith('[')) return [line];
      return [line, ...(JSON.parse(line) as Message[])];
    },
  })),
  fault(
    'leaves out a number',
    ['034', '054', '060', '061', '062', '063', '064', '065', '066', '067', '068', '070'],
    () => ({
      said: saying((params) => [{ ...params, sequence: params.sequence + (params.sequence > 2 ? 1 : 0) }]),
      told: acknowledgingBehindTheGap,
    }),
  ),
  fault(
    'counts from 0',
    [
      '007',
      '009',
      '015',
      '016',
      '017',
      '018',
      '019',
      '031',
      '032',
      '033',
      '034',
      '035',
      '036',
      '037',
      '039',
      '041',
      '050',
      '051',
      '052',
      '053',
      '054',
      '055',
      '060',
      '061',
      '062',
      '063',
      '064',
      '065',
      '066',
      '067',
      '068',
      '069',
      '070',
      '083',
      '084',
      '085',
    ],
    () => ({ said: saying((params) => [{ ...params, sequence: params.sequence - 1 }]) }),
  ),
  fault(
    'says a line of events twice',
    [
      '034',
      '035',
      '039',
      '050',
      '053',
      '054',
      '055',
      '060',
      '061',
      '062',
      '063',
      '064',
      '065',
      '066',
      '067',
      '068',
      '070',
    ],
    () => ({ said: saying((params) => [params, params]) }),
  ),
  fault(
    'loses a line of events',
    [
      '034',
      '036',
      '039',
      '041',
      '053',
      '054',
      '055',
      '060',
      '061',
      '062',
      '063',
      '064',
      '065',
      '066',
      '067',
      '068',
      '069',
      '070',
    ],
    () => {
      let count = 0;
      return { said: saying((params) => ((count += 1) % 3 === 0 ? [] : [params])) };
    },
  ),
  fault('ignores the window in events', ['063', '068', '070'], () => ({ told: withLimit('windowEvents', 1024) })),
  fault('ignores the window in bytes', ['065', '066'], () => ({ told: withLimit('windowBytes', 4 * 1024 * 1024) })),
  fault('ignores the limit of a line', ['023', '061', '062'], () => ({ told: withLimit('maxLineBytes', 1024 * 1024) })),
  fault('never goes on after its window was full', ['060', '063', '064', '065', '066', '067', '068', '070'], () => ({
    told: onlyFirstAcknowledgement(),
  })),
  fault('answers an unknown method with a result', ['012', '013'], () => ({
    said: answering(
      ({ error, id }) => error?.code === -32601 && id !== undefined,
      ({ id }) => [{ ...(id !== undefined && { id }), result: {} }],
    ),
  })),
  fault('does not answer an unknown method', ['007', '012', '013'], () => ({
    said: answering(
      ({ error }) => error?.code === -32601,
      () => [],
    ),
  })),
  fault('says in an error what it was asked', ['013'], () =>
    byMethod((method, { error, ...message }) =>
      error ? [{ ...message, error: { ...error, message: `no such method: ${method}` } }] : undefined,
    ),
  ),
  fault('gives an error no data', ['004', '005', '006', '013', '019', '020', '021', '022', '023', '024'], () => ({
    said: answering(
      ({ error }) => error !== undefined,
      ({ error, ...message }) => (error ? [{ ...message, error: { ...error, data: {} } }] : []),
    ),
  })),
  fault('answers a refusal with an error', ['031', '032', '037', '038', '053'], () => ({
    said: answering(
      ({ result }) => result?.['outcome'] === 'rejected' || result?.['outcome'] === 'errored',
      ({ id }) => [{ id: id ?? null, error: { code: -32000, message: 'Refused', data: {} } }],
    ),
  })),
  fault('answers busy with an error', ['033'], () => ({
    said: answering(
      ({ result }) => result?.['outcome'] === 'busy',
      ({ id }) => [{ id: id ?? null, error: { code: -32000, message: 'Busy', data: {} } }],
    ),
  })),
  fault('gives a sentence for a code', ['031', '037', '038'], () => ({
    said: answering(
      ({ result }) => result?.['code'] !== undefined,
      ({ result, ...message }) => [{ ...message, result: { ...result, code: 'No such worker, sorry.' } }],
    ),
  })),
  fault('answers a cancel before the end of its run', ['031', '037', '050', '055'], () =>
    earlyAnswer('worker/cancel', { outcome: 'accepted' }),
  ),
  fault('answers a stop before it has said its last', ['051'], () =>
    earlyAnswer('worker/stop', { outcome: 'accepted', end: 'stopped' }),
  ),
  fault(
    'answers in batches',
    [
      '001',
      '002',
      '003',
      '007',
      '008',
      '009',
      '010',
      '011',
      '012',
      '013',
      '014',
      '015',
      '016',
      '017',
      '018',
      '019',
      '020',
      '021',
      '022',
      '023',
      '024',
      '030',
      '031',
      '032',
      '033',
      '034',
      '035',
      '036',
      '037',
      '038',
      '039',
      '040',
      '041',
      '050',
      '051',
      '052',
      '053',
      '054',
      '055',
      '060',
      '061',
      '062',
      '063',
      '064',
      '065',
      '066',
      '067',
      '068',
      '069',
      '070',
      '081',
      '083',
      '084',
      '085',
      '086',
    ],
    () => ({
      said: answering(
        ({ result }) => result !== undefined,
        (message) => [JSON.stringify([{ jsonrpc: '2.0', ...message }])],
      ),
    }),
  ),
  fault(
    'ends without a word when it is given an input',
    [
      '007',
      '009',
      '015',
      '016',
      '017',
      '018',
      '019',
      '031',
      '032',
      '033',
      '034',
      '035',
      '036',
      '037',
      '039',
      '041',
      '050',
      '051',
      '052',
      '053',
      '054',
      '055',
      '060',
      '061',
      '062',
      '063',
      '064',
      '065',
      '066',
      '067',
      '068',
      '069',
      '070',
      '083',
      '084',
      '085',
    ],
    () => ({
      told: (line, { cut }) => {
        if (messageOf(line).method !== 'worker/input') return [line];
        cut();
        return [];
      },
    }),
  ),
  fault('goes on when its host is gone', ['008', '009', '080', '081', '082', '083', '084', '085', '086'], () => ({
    staysOpen: true,
  })),
  fault('takes an unknown field for a violation', ['015'], () => ({
    told: (line) => [line.includes('"unheardOf"') ? '{"unheardOf":true}' : line],
  })),
  fault('takes an unknown notification for a violation', ['014'], () => ({
    told: (line) => [messageOf(line).method === '$/unheard-of' ? '{"unheardOf":true}' : line],
  })),
  fault('writes the run inside of the event', ['041', '061'], () => ({
    said: saying((params) => [{ ...params, events: params.events.map(inside) }]),
  })),
  fault('takes only ids that are numbers', ['011', '015'], () => ({
    said: (line) => {
      const { id } = messageOf(line);
      return [typeof id === 'string' ? line.replace(JSON.stringify(id), '0') : line];
    },
  })),
  fault('offers version 2 to who asks for version 1', ['001', '003'], () =>
    byMethod((method, { result, ...message }) =>
      method === 'initialize' && result ? [{ ...message, result: { ...result, protocolVersion: 2 } }] : undefined,
    ),
  ),
  fault('does not answer shutdown', ['008', '009'], () =>
    byMethod((method) => (method === 'shutdown' ? [] : undefined)),
  ),
  fault(
    'resends everything on a resumption',
    ['091', '094', '095', '096', '097', '098'],
    () => recovering((params) => ({ ...params, position: { ...(params['position'] as object), sequence: 0 } })),
    { reconnects: true },
  ),
  fault('resends nothing on a resumption', ['090', '091', '093', '094', '095', '098'], () => swallowing(), {
    reconnects: true,
  }),
  fault(
    'says that it took what it never got',
    ['096'],
    () =>
      byMethod((method, { result, ...message }) =>
        method === 'worker/recover' && result?.['taken'] === false
          ? [{ ...message, result: { ...result, taken: true } }]
          : undefined,
      ),
    { reconnects: true },
  ),
  fault(
    'refuses a spawn that was asked before over another connection',
    ['092'],
    () => {
      const here = new Set<unknown>();
      return {
        told: (line, { say }) => {
          const { id, method, params } = messageOf(line);
          const workerId = params?.['workerId'];
          if (method !== 'worker/spawn' || here.has(workerId)) return [line];
          here.add(workerId);
          if (!spawned.has(workerId)) {
            spawned.add(workerId);
            return [line];
          }
          say({ id: id ?? null, result: { outcome: 'busy' } });
          return [];
        },
      };
    },
    { reconnects: true },
  ),
  fault(
    'adopts what it does not know',
    ['037', '099', '100'],
    () =>
      byMethod((method, { result, ...message }) =>
        method === 'worker/recover' && result?.['outcome'] !== 'adopted'
          ? [{ ...message, result: { outcome: 'adopted', capabilities: {} } }]
          : undefined,
      ),
    { reconnects: true },
  ),
];

function withLimit(name: string, value: number): NonNullable<Tamper['told']> {
  return (line) => {
    const message = messageOf(line);
    if (message.method !== 'initialize') return [line];
    const limits = { ...(message.params?.['limits'] as object), [name]: value };
    return [{ ...message, params: { ...message.params, limits } }];
  };
}

const acknowledgingBehindTheGap: NonNullable<Tamper['told']> = (line) => {
  const { method, params } = messageOf(line);
  const sequence = Number(params?.['sequence']);
  return method === '$/ack' && sequence > 2 ? [{ method, params: { ...params, sequence: sequence - 1 } }] : [line];
};

function onlyFirstAcknowledgement(): NonNullable<Tamper['told']> {
  let count = 0;
  return (line) => (messageOf(line).method === '$/ack' && (count += 1) > 1 ? [] : [line]);
}

const inside = (entry: unknown): unknown => {
  const { inputId, event } = entry as { inputId?: string; event: object };
  return inputId === undefined ? entry : { inputId, event: { ...event, inputId } };
};

/** The answer is given when it is asked for; the one that comes is swallowed. */
function earlyAnswer(method: string, result: Record<string, unknown>): Tamper {
  const early = new Set<unknown>();
  return {
    told: (line, { say }) => {
      const { id, method: asked, params } = messageOf(line);
      if (asked !== method || id === undefined || params?.['graceMs'] === 0) return [line];
      early.add(id);
      say({ id, result });
      return [line];
    },
    said: (line) => (early.has(messageOf(line).id) ? [] : [line]),
  };
}

const recovering = (change: (params: Record<string, unknown>) => Record<string, unknown>): Tamper => ({
  told: (line) => {
    const message = messageOf(line);
    if (message.method !== 'worker/recover' || !message.params) return [line];
    return [{ ...message, params: change(message.params) }];
  },
});

/** The first line of events after a recover is lost. */
function swallowing(): Tamper {
  let isDue = false;
  return {
    told: (line) => {
      isDue ||= messageOf(line).method === 'worker/recover';
      return [line];
    },
    said: (line) => {
      if (!isDue || messageOf(line).method !== 'worker/events') return [line];
      isDue = false;
      return [];
    },
  };
}
