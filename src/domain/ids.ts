declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type RuntimeId = Brand<string, 'RuntimeId'>;
export type WorkerId = Brand<string, 'WorkerId'>;
export type InputId = Brand<string, 'InputId'>;
export type QuestionId = Brand<string, 'QuestionId'>;
export type BackendId = Brand<string, 'BackendId'>;
export type CorrelationId = Brand<string, 'CorrelationId'>;
export type Generation = Brand<number, 'Generation'>;
export type Sequence = Brand<number, 'Sequence'>;

/** Both cases are read. */
export const uuidPattern = /^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
/** Neither `.` nor `..`: in the path of an address they would name something else. */
export const mintedPattern =
  /^(?:[A-Za-z0-9_:-][A-Za-z0-9_.:-]{0,127}|\.[A-Za-z0-9_:-][A-Za-z0-9_.:-]{0,126}|\.\.[A-Za-z0-9_.:-]{1,126})$/;

/** Ids that a backend mints (messages, tool calls, questions) have this form (B2). */
export const isMintedId = (value: string): boolean => mintedPattern.test(value);
export const isUuid = (value: string): boolean => uuidPattern.test(value);
/** Names of runtimes, profiles and backends. */
export const isName = (value: string): boolean => namePattern.test(value);

function checked<T extends string>(what: string, test: (value: string) => boolean): (value: string) => T {
  return (value) => {
    if (!test(value)) throw new TypeError(`not a ${what}: ${JSON.stringify(value).slice(0, 80)}`);
    return value as T;
  };
}

/** UUIDs are compared in lower case, as RFC 9562 writes them; both cases are read. */
const uuid = <T extends string>(what: string): ((value: string) => T) => {
  const check = checked<T>(what, isUuid);
  return (value) => check(value).toLowerCase() as T;
};

export const RuntimeId = checked<RuntimeId>('runtime id', isName);
export const WorkerId = uuid<WorkerId>('worker id');
export const InputId = uuid<InputId>('input id');
export const QuestionId = checked<QuestionId>('question id', isMintedId);
export const BackendId = checked<BackendId>('backend id', isName);
export const CorrelationId = uuid<CorrelationId>('correlation id');

export function Generation(value: number): Generation {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`not a generation: ${String(value)}`);
  return value as Generation;
}

/** A position in a log. 0 stands before the first observation. */
export function Sequence(value: number): Sequence {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a sequence: ${String(value)}`);
  return value as Sequence;
}
