import { NatsError } from '../../dist/adapters/nats/index.js';

const empty = new Uint8Array();
const encoder = new TextEncoder();
const message = (subject, fields = {}) => ({ subject, reply: '', data: empty, status: 0, header: () => '', ...fields });
const jsonMessage = (value) => message('', { data: encoder.encode(JSON.stringify(value)) });

/** The last entry of each key, and the index of those below `held.HOST`. */
function bucketOf() {
  const byKey = new Map();
  const byRevision = new Map();
  const held = new Map();
  let last = 0;
  const hostOf = (key) => (key.startsWith('held.') ? key.slice(5, key.lastIndexOf('.')) : undefined);
  const drop = (key) => {
    const found = byKey.get(key);
    if (!found) return;
    byKey.delete(key);
    byRevision.delete(found.revision);
    const host = hostOf(key);
    if (host !== undefined) held.get(host)?.delete(key);
  };
  return {
    byKey,
    heldBy: (host) => held.get(host) ?? new Map(),
    set(key, value) {
      drop(key);
      last += 1;
      byKey.set(key, { revision: last, value });
      byRevision.set(last, key);
      const host = hostOf(key);
      if (host === undefined) return last;
      if (!held.has(host)) held.set(host, new Map());
      held.get(host).set(key, last);
      return last;
    },
    remove(revision) {
      const key = byRevision.get(revision);
      if (key !== undefined) drop(key);
    },
  };
}

/**
 * A NATS server as it is for those who own Workers: it does one thing after the other, each as long as `costs` says, and
 * counts what it is sent and sends. `heardByAll`: by how many whatever is said of a host is heard.
 */
export function modelledEngine({ world, name, costs, heardByAll, onOwner }) {
  const buckets = { members: bucketOf(), beats: bucketOf(), owners: bucketOf() };
  const subscriptions = new Map();
  const inboxes = new Map();
  const consumers = new Map();
  const perSecond = [];
  const state = { freeAt: 0, messages: 0, workMs: 0, isCounting: false, tellingUntil: 0, named: 0 };

  /** Answers when it is done. */
  function serve(us, messages) {
    const halfMs = costs.tripMs / 2;
    if (!state.isCounting) return world.now + 2 * halfMs;
    const startMs = Math.max(world.now + halfMs, state.freeAt);
    state.freeAt = startMs + us / 1_000;
    state.workMs += us / 1_000;
    state.messages += messages;
    // What takes long is done over more than a second.
    const [first, end] = [Math.floor(startMs / 1_000), Math.floor(state.freeAt / 1_000)];
    for (let second = first; second <= end; second += 1) {
      perSecond[second] = (perSecond[second] ?? 0) + messages / (end - first + 1);
    }
    return state.freeAt + halfMs;
  }

  const tell = (subject, told) => {
    for (const hear of subscriptions.get(subject) ?? []) hear(told);
  };

  function published(what, key, value, headers) {
    const bucket = buckets[what];
    const expected = headers?.['Nats-Expected-Last-Subject-Sequence'];
    if (expected !== undefined && Number(expected) !== (bucket.byKey.get(key)?.revision ?? 0)) {
      return { at: serve(costs.write, 2), answer: { error: { code: 400, err_code: 10071 } } };
    }
    const revision = bucket.set(key, value);
    if (what === 'owners' && key.startsWith('worker.')) onOwner(key, JSON.parse(value).hostId);
    const subject = `${name}.said-${what}.${key}`;
    const heard = what === 'members' ? heardByAll() : (subscriptions.get(subject)?.size ?? 0);
    // What is said to all while something is still being told to all goes along with it.
    const isAlong = what === 'members' && world.now < state.tellingUntil;
    const at = serve(costs.write + heard * (isAlong ? costs.heardInBursts : costs.heard), 2 + heard);
    if (what === 'members' && !isAlong) state.tellingUntil = at;
    const told = message(subject, { data: encoder.encode(value), header: () => String(revision) });
    if (heard > 0) world.at(at, () => tell(subject, told));
    return { at, answer: { seq: revision } };
  }

  function read(what, { last_by_subj: subject }) {
    const at = serve(costs.read, 2);
    const key = subject?.slice(`$KV.${name}-${what}.`.length);
    const found = key === undefined ? undefined : buckets[what].byKey.get(key);
    if (!found) return { at, message: message('', { status: 404 }) };
    const header = (one) => (one === 'Nats-Subject' ? subject : String(found.revision));
    return { at, message: message('', { data: encoder.encode(found.value), header }) };
  }

  function listing(subject, data) {
    const { filter_subject: filter } = JSON.parse(data).config;
    const host = filter.slice(`$KV.${name}-owners.held.`.length, -2);
    const consumer = `c${(state.named += 1)}`;
    consumers.set(consumer, [...buckets.owners.heldBy(host)]);
    return { at: serve(costs.list, 2), answer: { name: consumer } };
  }

  function nextOf(consumer, { batch }, inbox) {
    const isThere = ([key, revision]) => buckets.owners.byKey.get(key)?.revision === revision;
    const left = consumers.get(consumer)?.filter(isThere) ?? [];
    const told = left.splice(0, batch);
    consumers.set(consumer, left);
    const at = serve(costs.read + told.length * costs.listed, 1 + Math.max(1, told.length));
    world.at(at, () => {
      if (told.length === 0) return tell(inbox, message(inbox, { status: 404 }));
      for (const [index, [key, revision]] of told.entries()) {
        const pending = left.length + told.length - 1 - index;
        const reply = `$JS.ACK.s.${consumer}.1.${revision}.1.0.${pending}`;
        tell(inbox, message(`$KV.${name}-owners.${key}`, { reply }));
      }
    });
  }

  function handled(subject, data, headers) {
    const [, what, key] = /^\$KV\.[^.]*-([a-z]+)\.(.*)$/.exec(subject) ?? [];
    if (what !== undefined) return published(what, key, data, headers);
    const [, api, of] = /^\$JS\.API\.([A-Z.]+)\.KV_.*-([a-z]+)$/.exec(subject) ?? [];
    if (api === 'DIRECT.GET') return read(of, JSON.parse(data));
    if (api === 'CONSUMER.CREATE') return listing(subject, data);
    if (api !== 'STREAM.MSG.DELETE') throw new Error(`the model has no ${subject}`);
    buckets[of].remove(JSON.parse(data).seq);
    return { at: serve(costs.remove, 2), answer: {} };
  }

  /** From one host to another and back. */
  function routed(subject, data, timeoutMs) {
    return new Promise((resolve, reject) => {
      const [hear] = subscriptions.get(subject) ?? [];
      const reply = `_INBOX.${(state.named += 1)}`;
      const fail = (problem) => {
        inboxes.delete(reply);
        reject(new NatsError(problem, 'modelled'));
      };
      const at = serve(2 * costs.heard, 2);
      if (!hear) return world.at(at, () => fail('no-responders'));
      const cancel = world.clock.after(timeoutMs, () => fail('no-answer'));
      inboxes.set(reply, (answer) => {
        inboxes.delete(reply);
        cancel();
        resolve(message('', { data: encoder.encode(answer) }));
      });
      world.at(at, () => hear(message(subject, { reply, data: encoder.encode(data) })));
    });
  }

  function connect() {
    let [upAt, isCut] = [0, false];
    const ends = new Set();
    const isUp = () => !isCut && world.now >= upAt;
    return {
      serverVersion: '2.9.10',
      maxPayload: 1_048_576,
      get isClosed() {
        return isCut;
      },
      async request(subject, data, { timeoutMs, headers }) {
        if (!isUp()) throw new NatsError('not-sent', 'modelled');
        if (subject.startsWith(`${name}.orphan.`)) return routed(subject, data, timeoutMs);
        const { at, answer, message: told } = handled(subject, data, headers);
        const isLate = at - world.now > timeoutMs;
        return new Promise((resolve, reject) => {
          const settle = isLate
            ? () => reject(new NatsError('no-answer', 'modelled'))
            : () => resolve(told ?? jsonMessage(answer));
          world.at(isLate ? world.now + timeoutMs : at, settle);
        });
      },
      publish(subject, data, reply) {
        if (!isUp()) return;
        const [, consumer] = /^\$JS\.API\.CONSUMER\.MSG\.NEXT\.[^.]*\.(.*)$/.exec(subject) ?? [];
        if (consumer !== undefined) return nextOf(consumer, JSON.parse(data), reply);
        const [, ended] = /^\$JS\.API\.CONSUMER\.DELETE\.[^.]*\.(.*)$/.exec(subject) ?? [];
        if (ended !== undefined) return void (consumers.delete(ended) && serve(costs.read, 1));
        const at = serve(2 * costs.heard, 2);
        world.at(at, () => inboxes.get(subject)?.(data));
      },
      subscribe(subject, hear) {
        if (!subscriptions.has(subject)) subscriptions.set(subject, new Set());
        const heard = (told) => isUp() && hear(told);
        const all = subscriptions.get(subject);
        all.add(heard);
        const end = () => {
          ends.delete(end);
          all.delete(heard);
          if (all.size === 0) subscriptions.delete(subject);
        };
        ends.add(end);
        return end;
      },
      newInbox: () => `_INBOX.${(state.named += 1)}`,
      newId: () => world.uuid(),
      onReconnected: () => () => undefined,
      close: async () => undefined,
      isUp,
      /** It is gone for ever, without a word. */
      cut() {
        isCut = true;
        for (const end of [...ends]) end();
      },
      downUntil: (ms) => void (upAt = ms),
    };
  }

  return {
    connect,
    buckets,
    state,
    perSecond,
    /** So many requests that are not followed one by one. Answers when the last is answered, each behind the one before. */
    bulk(us, count) {
      const at = serve(us * count, 2 * count);
      return Math.max(at, world.now + count * (costs.tripMs + us / 1_000));
    },
  };
}
