// Raw `ws` clients that count what they are told. All of them look at the first and the last cursor of each message; the
// first one reads every event. `wire`: what is said on a socket until it is subscribed.
import assert from 'node:assert/strict';

import { WebSocket } from 'ws';

import { answer } from '../lib/asked.mjs';
import { event300 } from '../lib/events.mjs';

const text = event300.text;
/** How far behind its quote the sequence of a cursor begins, and where it ends. */
const [begin, end] = ['"wo_00000000_'.length, '"wo_00000000_0000000000000000'.length];

const wires = {
  workport: {
    protocol: 'workport.v1',
    path: '',
    opened: (socket, place) => socket.send(JSON.stringify({ type: 'subscribe', id: 'o', ...place })),
    told: (socket, place, message) => message.startsWith('{"type":"subscribed"'),
  },
  /** Engine.IO 4 and Socket.IO 5, as their client speaks them. */
  'socket.io': {
    protocol: undefined,
    path: '/socket.io/?EIO=4&transport=websocket',
    opened: () => undefined,
    told(socket, { workerId }, message) {
      if (message.startsWith('0')) socket.send('40');
      else if (message.startsWith('40')) socket.send(`42${JSON.stringify(['subscribe', workerId])}`);
      else if (message === '2') socket.send('3');
      return message.startsWith('42["subscribed"');
    },
  },
};

let observers = [];
let waiting = 0;
let arrived = Promise.resolve();
let finish = { resolve: () => undefined, reject: () => undefined };

class Observer {
  #place;
  #isSlow;
  #isFull;
  #socket;
  #wire;
  #subscribed;
  #restMs = 0;
  sequence;
  target = Infinity;
  messages = 0;

  constructor({ url, wire, place, isSlow, isFull }) {
    this.#place = place;
    this.#isSlow = isSlow;
    this.#isFull = isFull;
    this.#wire = wires[wire];
    this.sequence = Number.parseInt(place.after.slice(-16), 16);
    const { protocol, path, opened } = this.#wire;
    this.#socket = new WebSocket(url + path, protocol, {
      perMessageDeflate: false,
      skipUTF8Validation: true,
      maxPayload: 0,
    });
    this.ready = new Promise((resolve, reject) => {
      this.#subscribed = resolve;
      this.#socket.on('error', reject);
      this.#socket.on('close', (code) => reject(new Error(`closed: ${code}`)));
    });
    this.#socket.on('open', () => opened(this.#socket, place));
    this.#socket.on('message', (bytes) => this.#take(bytes));
    this.#socket.on('close', (code) => finish.reject(new Error(`closed: ${code}`)));
  }

  get isSlow() {
    return this.#isSlow;
  }

  leave() {
    this.#socket.terminate();
  }

  #take(bytes) {
    const at = bytes.indexOf('"wo_');
    if (at === -1) return this.#hear(bytes.toString());
    const from = sequenceAt(bytes, at);
    const to = sequenceAt(bytes, bytes.lastIndexOf('"wo_'));
    this.messages += 1;
    if (this.#isSlow) return this.#rest(to - from + 1);
    if (from !== this.sequence + 1) finish.reject(new Error(`${from} came after ${this.sequence}`));
    if (this.#isFull) readAll(bytes, from, to);
    this.sequence = to;
    if (to >= this.target) this.#finished(to);
  }

  #hear(message) {
    if (this.#wire.told(this.#socket, this.#place, message)) this.#subscribed();
    else if (!/^(0|40|2)/.test(message)) finish.reject(new Error(`not expected: ${message.slice(0, 200)}`));
  }

  /** Ten events a second, on an average: what came at once is paid for by a rest. */
  #rest(events) {
    const isResting = this.#restMs > 0;
    this.#restMs += events * 100;
    if (!isResting) this.#restOn();
  }

  #restOn() {
    this.#socket.pause();
    const restedMs = this.#restMs;
    setTimeout(() => {
      this.#restMs -= restedMs;
      if (this.#restMs > 0) this.#restOn();
      else this.#socket.resume();
    }, restedMs).unref();
  }

  #finished(sequence) {
    assert.equal(sequence, this.target);
    this.target = Infinity;
    waiting -= 1;
    if (waiting === 0) finish.resolve();
  }
}

const sequenceAt = (bytes, at) => Number.parseInt(bytes.latin1Slice(at + begin, at + end), 16);

/** Every event of a message, with what it says. */
function readAll(bytes, from, to) {
  try {
    const json = bytes.toString();
    const told = JSON.parse(json.startsWith('42[') ? json.slice(2) : json);
    const observations = Array.isArray(told) ? [told[1]] : (told.observations ?? [told]);
    assert.equal(observations.length, to - from + 1);
    observations.forEach(({ sequence, event }, index) => {
      assert.equal(sequence, from + index);
      assert.equal(event.text, text);
    });
  } catch (error) {
    finish.reject(error);
  }
}

answer({
  /** Adds an observer for each of `places`; answers when all are subscribed. */
  async connect({ url, wire, places, slow = 0 }) {
    for (let first = 0; first < places.length; first += 100) {
      const added = places
        .slice(first, first + 100)
        .map((place, index) => ({
          place,
          isFull: observers.length + index === 0,
          isSlow: first + index >= places.length - slow,
        }))
        .map((each) => new Observer({ url, wire, ...each }));
      observers.push(...added);
      await Promise.all(added.map(({ ready }) => ready));
    }
  },
  /** From now on; `arrived` answers when every observer that is not slow has `events` more. */
  expect({ events }) {
    const quick = observers.filter(({ isSlow }) => !isSlow);
    waiting = quick.length;
    for (const observer of quick) {
      observer.target = observer.sequence + events;
      observer.messages = 0;
    }
    arrived = new Promise((resolve, reject) => (finish = { resolve, reject }));
    arrived.catch(() => undefined);
  },
  async arrived() {
    await arrived;
    return { messages: observers.reduce((sum, { messages }) => sum + messages, 0) };
  },
  leave() {
    finish = { resolve: () => undefined, reject: () => undefined };
    for (const observer of observers) observer.leave();
    observers = [];
  },
});
