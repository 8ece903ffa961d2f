import type { ProfileOptions } from '../runtime/options.js';

export interface NamedProfile extends ProfileOptions {
  readonly name: string;
}
