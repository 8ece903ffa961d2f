import { expectTypeOf, expect, test } from 'vitest';

import type { JwtOptions } from '../../src/adapters/authenticator/jwt/index.js';
import type { HttpDependencies } from '../../src/adapters/browser-gateway/http/index.js';
import { authorOf } from '../../src/domain/observation/event.js';
import type {
  BackendContentEvent,
  BackendControlEvent,
  BackendEvent,
  ObservedEvent,
  RuntimeEvent,
} from '../../src/domain/observation/event.js';
import type { WorkerView } from '../../src/domain/observation/view.js';
import type { InputId, WorkerId } from '../../src/domain/ids.js';
import type { AnswerOf, OutcomeOf, CreateCommand, InputCommand } from '../../src/ports/browser-gateway.js';
import type { ObservationPublisher } from '../../src/ports/observation-publisher.js';

type RuntimeType = RuntimeEvent['type'];
type BackendType = (BackendContentEvent | BackendControlEvent)['type'];

test('W2: no event type can be authored by both the Runtime and a backend', () => {
  expectTypeOf<RuntimeType & BackendType>().toBeNever();
  expectTypeOf<keyof typeof authorOf>().toEqualTypeOf<RuntimeType | BackendType>();
  const authored = (author: string): string[] =>
    Object.entries(authorOf).flatMap(([type, by]) => (by === author ? [type] : []));
  expect(authored('runtime').length + authored('backend').length).toBe(Object.keys(authorOf).length);
});

test('W2: a publisher takes no event of the Runtime, and the log no control event of a backend', () => {
  type Published = Parameters<ObservationPublisher['publish']>[0];
  expectTypeOf<Published>().toEqualTypeOf<BackendEvent>();
  expectTypeOf<Extract<Published, { type: RuntimeType }>>().toBeNever();
  expectTypeOf<Extract<ObservedEvent, BackendControlEvent>>().toBeNever();
});

/** Each key of a shape and of what it holds. */
type Keys<T> = T extends string | number | boolean | null | undefined
  ? never
  : T extends readonly (infer Item)[]
    ? Keys<Item>
    : T extends object
      ? Exclude<keyof T, symbol | number> | { [Key in keyof T]: Keys<T[Key]> }[keyof T]
      : never;

test('W4: no public shape has a key that foretells an answer', () => {
  expectTypeOf<Extract<Keys<WorkerView>, `can${Capitalize<string>}`>>().toBeNever();
});

test('an id of one kind is not an id of another', () => {
  expectTypeOf<WorkerId>().not.toExtend<InputId>();
  expectTypeOf<string>().not.toExtend<WorkerId>();
});

test('there are sessions only where there is an authenticator', () => {
  type With<Key extends 'gateway' | 'authenticator' | 'gatewayFor' | 'sessions'> = Required<
    Pick<Extract<HttpDependencies, { authenticator: object }>, Key>
  >;
  expectTypeOf<With<'gateway' | 'authenticator' | 'gatewayFor' | 'sessions'>>().toExtend<HttpDependencies>();
  expectTypeOf<With<'gateway'>>().toExtend<HttpDependencies>();
  expectTypeOf<With<'gateway' | 'sessions'>>().not.toExtend<HttpDependencies>();
});

test('the keys of an issuer are given or fetched, one of the two', () => {
  type Issuer = { readonly name: string; readonly issuer: string; readonly audience: string };
  type Given = { readonly keys: { readonly keys: [] } };
  type Fetched = { readonly jwksUri: string };
  expectTypeOf<Issuer & Given>().toExtend<JwtOptions>();
  expectTypeOf<Issuer & Fetched>().toExtend<JwtOptions>();
  expectTypeOf<Issuer>().not.toExtend<JwtOptions>();
  expectTypeOf<Issuer & Given & Fetched>().not.toExtend<JwtOptions>();
});

test('an outcome narrows to what its command gives', () => {
  type Created = Extract<OutcomeOf<CreateCommand>, { outcome: 'accepted' }>;
  type Sent = Extract<OutcomeOf<InputCommand>, { outcome: 'accepted' }>;
  expectTypeOf<Created['worker']>().toEqualTypeOf<WorkerView>();
  expectTypeOf<Sent['inputId']>().toEqualTypeOf<InputId>();
  expectTypeOf<Extract<AnswerOf<{ type: 'runtimes' }>, { outcome: 'answered' }>>().toHaveProperty('runtimes');
});
