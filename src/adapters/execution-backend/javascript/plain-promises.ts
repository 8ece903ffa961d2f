import { inspect } from 'node:util';

/**
 * Where Node follows asynchronous code by fields that it writes into promises, a promise would be shown with them.
 * They are hidden when it is. Call it where promises are followed already.
 */
export function showPromisesPlain(): void {
  const fields = Object.getOwnPropertySymbols(Promise.resolve());
  if (fields.length === 0) return;
  const prototype: object = Promise.prototype;
  Object.defineProperty(prototype, inspect.custom, {
    configurable: true,
    writable: true,
    value(this: object) {
      for (const field of fields) {
        if (Object.hasOwn(this, field)) Reflect.defineProperty(this, field, { enumerable: false });
      }
      // Its own value says: go on as ever.
      return this;
    },
  });
}
