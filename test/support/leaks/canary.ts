import { randomBytes } from 'node:crypto';

/** A secret that is planted somewhere, and that nothing else can contain by chance. */
export interface Canary {
  readonly where: string;
  readonly value: string;
}

/** Canaries of one run. Texts hold what encodings change; names are fit for codes, paths and variables. */
export interface Canaries {
  text(where: string): string;
  name(where: string): string;
  /** A secret that was made elsewhere. */
  plant(where: string, value: string): string;
  readonly planted: readonly Canary[];
}

export function canaries(seed = randomBytes(8).toString('hex')): Canaries {
  const planted: Canary[] = [];
  const plant = (where: string, value: string): string => {
    planted.push({ where, value });
    return value;
  };
  return {
    planted,
    plant,
    text: (where) => plant(where, `canary "ü/ ${seed} ${where}`),
    name: (where) => plant(where, `canary-${seed}-${where}`),
  };
}
