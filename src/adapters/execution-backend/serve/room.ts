import { isIPv6 } from 'node:net';

export interface RoomOptions {
  readonly maxUnopened: number;
  readonly maxConnections: number;
}

/** The place of one connection, which is given back once. */
export interface Place {
  /** It is a host's. */
  open(): void;
  leave(): void;
}

/** Bounds how many connections there are, so that strangers can take room from each other alone. */
export class Room {
  readonly #options: RoomOptions;
  readonly #unopenedOf = new Map<string, number>();
  #unopened = 0;
  #open = 0;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  get unopened(): number {
    return this.#unopened;
  }

  get open(): number {
    return this.#open;
  }

  /** A place for a connection from there. `undefined`: there is none. */
  enter(address: string | undefined): Place | undefined {
    const { maxUnopened, maxConnections } = this.#options;
    const network = address === undefined ? undefined : networkOf(address);
    const isFull = this.#unopened >= maxUnopened || this.#unopened + this.#open >= maxConnections;
    if (isFull || this.#of(network) >= maxUnopened / 2) return undefined;
    this.#count(network, 1);
    let state: 'unopened' | 'open' | 'gone' = 'unopened';
    return {
      open: () => {
        if (state !== 'unopened') return;
        state = 'open';
        this.#count(network, -1);
        this.#open += 1;
      },
      leave: () => {
        if (state === 'unopened') this.#count(network, -1);
        if (state === 'open') this.#open -= 1;
        state = 'gone';
      },
    };
  }

  /** Of a Unix socket there are no addresses. */
  #of(network: string | undefined): number {
    return network === undefined ? 0 : (this.#unopenedOf.get(network) ?? 0);
  }

  #count(network: string | undefined, more: 1 | -1): void {
    this.#unopened += more;
    if (network === undefined) return;
    const count = this.#of(network) + more;
    if (count === 0) this.#unopenedOf.delete(network);
    else this.#unopenedOf.set(network, count);
  }
}

/** Of IPv6 the first 64 bits: the rest is for one machine to choose. */
export function networkOf(address: string): string {
  const mapped = address.slice(address.lastIndexOf(':') + 1);
  if (mapped.includes('.')) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const [first, last] = [head, tail ?? ''].map((groups) => (groups === '' ? [] : groups.split(':')));
  const left = first ?? [];
  const right = last ?? [];
  const all =
    tail === undefined ? left : [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return all.slice(0, 4).join(':');
}
