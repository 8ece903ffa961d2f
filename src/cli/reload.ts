import { ConfigError } from '../composition/config/config-error.js';
import type { AuthConfig, ConfigFile } from '../composition/config/schema.js';
import type { Logger } from '../ports/logger.js';

export interface ReloadDependencies {
  /** The configuration as it is now. Rejects where it cannot be read, or is wrong. */
  readonly read: () => Promise<ConfigFile | undefined>;
  /** As the host was started with it. */
  readonly started: ConfigFile | undefined;
  /** Lets in who is in the configuration, and nobody else. */
  readonly replace: (auth: AuthConfig | undefined) => void;
  readonly logger: Logger;
}

const kept = 'who may come in stays as it was';

/** The keys, but for `auth`, that say something else than at the start. */
function changedKeys(before: ConfigFile, after: ConfigFile): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof ConfigFile>;
  const differs = (key: keyof ConfigFile): boolean => JSON.stringify(before[key]) !== JSON.stringify(after[key]);
  return [...keys].filter((key) => key !== 'auth' && differs(key));
}

/** Reads the configuration again and takes its `auth`, nothing else of it. Never rejects: what is wrong changes nothing. */
export async function reload({ read, started, replace, logger }: ReloadDependencies): Promise<void> {
  try {
    const config = await read();
    if (!config) return logger.warn(`there is no configuration to read again: ${kept}`);
    replace(config.auth);
    const { tokens = [], jwt } = config.auth ?? {};
    logger.info('configuration read again: who may come in is as it says', {
      tokens: tokens.map(({ name }) => name),
      ...(jwt && { jwt: jwt.name }),
    });
    const keys = changedKeys(started ?? {}, config);
    if (keys.length > 0) logger.warn('the rest of the configuration is taken at the next start', { keys });
  } catch (cause) {
    const problems = cause instanceof ConfigError ? { problems: cause.lines } : { cause };
    logger.error(`the configuration cannot be taken: ${kept}`, problems);
  }
}
