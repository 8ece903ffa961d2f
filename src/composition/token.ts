import type { ServiceIdentifier } from 'inversify';

/** The key of something in a container. Equal names are equal keys, also of two copies of this package. */
// An annotation of the constant would narrow it to `symbol`, and bindings to `unknown`.
export const token = <T>(name: string) => Symbol.for(`workport/${name}`) as ServiceIdentifier<T>;
