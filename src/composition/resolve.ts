import type { Container, ServiceIdentifier } from 'inversify';

const named = /^- name: (?!-)(.+)$/m;
const service = /service: "Symbol\((.+?)\)"/;

/** In the words of a host's author: which token, and what is wrong with its binding. */
function explained(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const token = service.exec(cause.message)?.[1];
  if (token === undefined) return cause;
  const name = named.exec(cause.message)?.[1];
  const fault = cause.message.startsWith('Ambiguous') ? 'is bound more than once' : 'is not bound';
  return new TypeError(`${token}${name === undefined ? '' : ` named ${name}`} ${fault}`, { cause });
}

/** What is bound to a token. Throws a `TypeError` with the token's name where that is nothing, or more than one. */
export function resolve<T>(container: Container, token: ServiceIdentifier<T>): T {
  try {
    return container.get(token);
  } catch (cause) {
    throw explained(cause);
  }
}

/** As `resolve`; `undefined` where nothing is bound. */
export function resolveOptional<T>(container: Container, token: ServiceIdentifier<T>): T | undefined {
  return container.isBound(token) ? resolve(container, token) : undefined;
}

/** Everything that is bound to a token. */
export function resolveAll<T>(container: Container, token: ServiceIdentifier<T>): readonly T[] {
  return container.isBound(token) ? container.getAll(token) : [];
}
