import { resolve as absolute } from 'node:path';

import { accessOptions, configModules, httpOptionsOf } from '../composition/config/config-modules.js';
import { hostMounts } from '../composition/config/host-mounts.js';
import { hostProfiles } from '../composition/config/host-profiles.js';
import { readConfig } from '../composition/config/read-config.js';
import type { ConfigFile } from '../composition/config/schema.js';
import { hostContainer } from '../composition/container.js';
import type { Host } from '../composition/host.js';
import { startHost } from '../composition/host.js';
import { resolve } from '../composition/resolve.js';
import { tokens } from '../composition/tokens.js';
import { defaultLimits } from '../runtime/deadlines.js';
import type { Access } from './access.js';
import { accessOf } from './access.js';
import { consoleLink } from './console-link.js';
import { dataFolder } from './data-folder.js';
import { endSignals } from './end-signals.js';
import { hangups } from './hangups.js';
import { reload } from './reload.js';
import type { ExitCode } from './exit-codes.js';
import { exitCodes } from './exit-codes.js';
import { refusalOf } from './refusal.js';
import type { ServeOptions } from './serve-command.js';
import { sessionCode } from './session-code.js';
import type { Voice } from './voice.js';
import { voiceFor } from './voice.js';

interface Serving {
  readonly host: Host;
  readonly access: Access;
  readonly profiles: readonly string[];
  /** Where Workers are kept, in words. */
  readonly kept: string;
  /** Opens a session in the console. Absent: nobody would see it, or there is no token that it could stand for. */
  readonly code?: string | undefined;
  /** Takes who may come in from the configuration as it is now. */
  readonly reload: () => Promise<void>;
}

function keptAt({ memory, data }: ServeOptions, { log }: ConfigFile): string {
  if (memory || log?.type === 'memory') return 'Workers live in memory: they end with this host.';
  if (log?.type !== 'jetstream') return `Workers are kept in ${absolute(data)}.`;
  return `Workers are kept on the NATS server, in the stream ${log.name ?? 'workport'}.`;
}

async function start(options: ServeOptions): Promise<Serving> {
  const folder = process.cwd();
  const found = await readConfig(folder, options.config);
  const config: ConfigFile = found?.config ?? {};
  const profiles = hostProfiles(found, options.profile, folder);
  const access = await accessOf({
    tokenFile: options.tokenFile,
    variable: process.env['WORKPORT_TOKEN'],
    letsAnybodyIn: (config.auth?.tokens ?? []).length > 0 || config.auth?.jwt !== undefined,
    isTerminal: process.stderr.isTTY,
  });
  const data = options.memory ? undefined : await dataFolder(options.data);
  const modules = await configModules({
    config,
    profiles,
    token: access.token,
    mounts: hostMounts(found),
    creatorsFile: data?.creators,
    registerFolder: data?.processes,
    logFolder: data?.log,
    folder: found?.folder,
    log: { format: options.json ? 'json' : 'human', colors: process.stderr.isTTY && !process.env['NO_COLOR'] },
  });
  const { host: address, port } = options;
  const listen = { host: address, port };
  const container = hostContainer(modules);
  const host = await startHost(container, { listen, http: httpOptionsOf(config) });
  const authenticator = resolve(container, tokens.access);
  const sessions = resolve(container, tokens.sessions);
  const isShown = access.token !== undefined && process.stderr.isTTY && !options.json;
  return {
    host,
    access,
    profiles: Object.keys(profiles),
    kept: keptAt(options, config),
    code: isShown ? await sessionCode(access.token, { authenticator, sessions }) : undefined,
    reload: () =>
      reload({
        read: async () => (await readConfig(folder, options.config))?.config,
        started: found?.config,
        replace: (auth) => authenticator.replace(accessOptions(auth, access.token)),
        logger: resolve(container, tokens.logger),
      }),
  };
}

function announce({ host, access, profiles, kept, code }: Serving, voice: Voice): void {
  const { runtimeId } = host.runtime;
  voice.ready({ url: host.url ?? '', runtimeId, profiles });
  voice.say(kept);
  // To the terminal alone: what stdout goes to may be kept.
  if (access.isNew) process.stderr.write(`access token, for this run: ${access.token ?? ''}\n`);
  if (code !== undefined) {
    process.stderr.write(`open ${consoleLink(host.url ?? '', code)}\n`);
    process.stderr.write('(good once, within ten minutes; later the page asks for the access token)\n');
  }
}

async function openInputs({ runtime }: Host): Promise<number> {
  const answer = await runtime.read({ type: 'workers', runtimeId: runtime.runtimeId, status: 'busy', limit: 200 });
  return answer.outcome === 'answered' ? answer.workers.length : 0;
}

async function end(host: Host, voice: Voice): Promise<void> {
  const open = await openInputs(host);
  const seconds = defaultLimits.drainMs / 1000;
  if (open > 0) {
    const inputs = open === 1 ? 'an open input' : `${open === 200 ? '200 or more' : open} open inputs`;
    voice.say(`ending: waits for ${inputs}, at most ${seconds} s; a second signal ends at once`);
  } else voice.say('ending');
  await host.drain();
  await host[Symbol.asyncDispose]();
}

/** Serves until it is told to end, and answers how the process is to end. Never rejects. */
export async function serve(options: ServeOptions): Promise<ExitCode> {
  const voice = voiceFor(options.json);
  const signals = endSignals();
  const hangup = hangups(() => signals.ask());
  try {
    const serving = await start(options);
    announce(serving, voice);
    hangup.listen(serving.reload);
    await signals.first;
    await end(serving.host, voice);
    return exitCodes.ended;
  } catch (cause) {
    const { lines, code } = refusalOf(cause, options);
    voice.refuse(lines);
    return code;
  } finally {
    signals.forget();
    hangup.forget();
  }
}
