import { expect, test } from 'vitest';

import { Room, networkOf } from '../../../../src/adapters/execution-backend/serve/room.js';

const enterAs = (room: Room, count: number, address?: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => room.enter(address?.(index)));
const distinct = (index: number): string => `10.0.0.${index}`;

test('so many connections are unopened at a time, wherever they are from', () => {
  const room = new Room({ maxUnopened: 4, maxConnections: 100 });
  const places = enterAs(room, 5, distinct);
  expect(places.map((place) => place !== undefined)).toEqual([true, true, true, true, false]);
  places[0]?.leave();
  expect(room.enter('10.0.0.9')).toBeDefined();
  expect(room.enter('10.0.0.10')).toBeUndefined();
});

test('one address has half of them, and leaves the other half to others', () => {
  const room = new Room({ maxUnopened: 4, maxConnections: 100 });
  expect(enterAs(room, 4, () => '10.0.0.1').filter(Boolean)).toHaveLength(2);
  expect(enterAs(room, 4, () => '10.0.0.2').filter(Boolean)).toHaveLength(2);
});

test('Unix sockets have no address, and share all of them', () => {
  const room = new Room({ maxUnopened: 4, maxConnections: 100 });
  expect(enterAs(room, 9).filter(Boolean)).toHaveLength(4);
});

test('a connection that is open makes room for strangers, until all connections are too many', () => {
  const room = new Room({ maxUnopened: 2, maxConnections: 3 });
  for (let index = 0; index < 3; index += 1) room.enter(distinct(index))?.open();
  expect({ open: room.open, unopened: room.unopened }).toEqual({ open: 3, unopened: 0 });
  expect(room.enter('10.0.0.7')).toBeUndefined();
});

test('a place is given back once', () => {
  const room = new Room({ maxUnopened: 4, maxConnections: 100 });
  const [one, other] = enterAs(room, 2, () => '10.0.0.1');
  one?.leave();
  one?.leave();
  one?.open();
  expect({ open: room.open, unopened: room.unopened }).toEqual({ open: 0, unopened: 1 });
  other?.open();
  other?.open();
  other?.leave();
  other?.leave();
  expect({ open: room.open, unopened: room.unopened }).toEqual({ open: 0, unopened: 0 });
});

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1:2:3:4%eth0', 'fe80:0:0:0'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
