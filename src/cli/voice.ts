/** How the command speaks to who started it: to people on stdout, to programs in JSON. */
export interface Voice {
  /** The host listens. The first line of all. */
  ready(ready: { readonly url: string; readonly runtimeId: string; readonly profiles: readonly string[] }): void;
  say(message: string): void;
  /** Why it goes no further. */
  refuse(lines: readonly string[]): void;
}

const jsonLine = (entry: object): string => `${JSON.stringify(entry)}\n`;

const jsonEntry = (level: string, message: string): string =>
  jsonLine({ level, time: new Date().toISOString(), message });

const forPrograms: Voice = {
  ready: ({ url, runtimeId }) => {
    process.stdout.write(jsonLine({ event: 'ready', url, runtimeId, pid: process.pid }));
  },
  say: (message) => void process.stderr.write(jsonEntry('info', message)),
  refuse: (lines) => void process.stderr.write(lines.map((line) => jsonEntry('error', line)).join('')),
};

const forPeople: Voice = {
  ready: ({ url, runtimeId, profiles }) => {
    process.stdout.write(`workport serves on ${url}\nruntime: ${runtimeId}; profiles: ${profiles.join(', ')}\n`);
  },
  say: (message) => void process.stdout.write(`${message}\n`),
  refuse: (lines) => void process.stderr.write(lines.map((line) => `workport: ${line}\n`).join('')),
};

/** Nobody's reading is no reason to fail. */
export function voiceFor(json: boolean): Voice {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return json ? forPrograms : forPeople;
}
