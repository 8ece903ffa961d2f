import * as z from 'zod';

import { jwksUriProblem, jwtAlgorithms } from '../../adapters/authenticator/jwt/options.js';
import { optionsProblem } from '../../adapters/execution-backend/remote-socket/options.js';
import { isName } from '../../domain/ids.js';
import { scopes } from '../../ports/authenticator.js';
import { jsonSchema } from '../../protocol/json.js';
import { isLoopback } from '../../protocol/loopback.js';

/** Something that a later version will have. It is refused, never ignored. */
const later = (message: string) =>
  z.unknown().superRefine((value, context) => {
    if (value !== undefined) context.addIssue({ code: 'custom', message });
  });

const name = z
  .string()
  .refine(isName, 'a name has 1 … 64 letters, digits, "_", "." or "-", and begins with a letter or digit');
const text = z.string().min(1);
const milliseconds = z.int().min(1).max(3_600_000);
const count = z.int().min(1);

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value.toLowerCase();
}

/** What is wrong with the address of another host. */
function hostUrlProblem({ url, allowPlaintext }: { url: string; allowPlaintext?: boolean | undefined }) {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isHost = parsed !== undefined && /^https?:$/.test(parsed.protocol) && !parsed.search && !parsed.hash;
  if (!isHost) return 'has to be the address of a host, as https://name:7420';
  if (parsed.username || parsed.password) return 'holds a credential: put the token into a tokenFile';
  const isHere = isLoopback(parsed.hostname);
  if (parsed.protocol === 'https:' || isHere || allowPlaintext) return undefined;
  return 'leads to another host in clear text: use https:, or say allowPlaintext where nobody else is on the path';
}

const variable = z.union([z.string(), z.strictObject({ fromEnv: text })], {
  error: 'has to be a text, or {"fromEnv": "NAME"}',
});

const programShape = {
  env: z.record(text, variable).optional(),
  cwd: text.optional(),
  startMs: milliseconds.optional(),
  graceMs: milliseconds.optional(),
};

const javascriptSchema = z.strictObject({ type: z.literal('javascript'), ...programShape });

const subprocessSchema = z.strictObject({
  type: z.literal('subprocess'),
  command: text,
  args: z.array(z.string()).optional(),
  isolation: z.enum(['worker', 'backend']).optional(),
  channel: z.enum(['stdio', 'fd3']).optional(),
  ...programShape,
});

const remoteSocketSchema = z
  .strictObject({
    type: z.literal('remote-socket'),
    address: text,
    keyFile: text.optional(),
    keyId: text.optional(),
    ca: text.optional(),
    fingerprint: text.optional(),
    allowPlaintext: z.boolean().optional(),
    graceMs: z.int().optional(),
    connectMs: milliseconds.optional(),
  })
  .superRefine((options, context) => {
    const problem = optionsProblem(options);
    if (problem) context.addIssue({ code: 'custom', path: [problem.option], message: problem.reason });
  });

const acpSchema = z.strictObject({
  type: z.literal('acp'),
  command: text,
  args: z.array(z.string()).optional(),
  authenticate: text.optional(),
  mode: text.optional(),
  files: z.enum(['none', 'read', 'write']).optional(),
  terminals: z.boolean().optional(),
  ...programShape,
});

const backendSchema = z
  .discriminatedUnion('type', [javascriptSchema, subprocessSchema, remoteSocketSchema, acpSchema])
  .nullable();

const deadlinesSchema = z.strictObject({
  spawnMs: milliseconds.optional(),
  recoverMs: milliseconds.optional(),
  dispatchMs: milliseconds.optional(),
  answerMs: milliseconds.optional(),
  cancelMs: milliseconds.optional(),
  stopGraceMs: milliseconds.optional(),
  stopSettleMs: milliseconds.optional(),
});

const profileSchema = z.strictObject({
  label: text,
  description: z.string().optional(),
  backend: backendSchema,
  options: jsonSchema.optional(),
  deadlines: deadlinesSchema.optional(),
});
export type ProfileConfig = z.output<typeof profileSchema>;
export type BackendConfig = Exclude<ProfileConfig['backend'], null>;

const tokenSchema = z.strictObject({
  name: name.refine((value) => value !== 'access', '"access" is the name of the token that the host starts with'),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'has to be the SHA-256 of the token, as 64 hex digits'),
  scopes: z.array(z.enum(scopes)).min(1),
  profiles: z.array(name).optional(),
  own: z.boolean().optional(),
});

function refuseDoubles(tokens: readonly z.output<typeof tokenSchema>[], context: z.RefinementCtx): void {
  const double = (values: readonly string[]): string | undefined =>
    values.find((value, index) => values.indexOf(value) !== index);
  const name = double(tokens.map((token) => token.name));
  if (name !== undefined) context.addIssue({ code: 'custom', message: `two have the name "${name}"` });
  const hash = double(tokens.map((token) => token.sha256.toLowerCase()));
  if (hash !== undefined) context.addIssue({ code: 'custom', message: 'two have the same sha256' });
}

const jwtSchema = z.strictObject({
  name,
  issuer: text,
  audience: z.union([text, z.array(text).min(1)], { error: 'has to be a text, or a list of texts' }),
  jwksUri: text.superRefine((uri, context) => {
    const message = jwksUriProblem(uri);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
  algorithms: z.array(z.enum(jwtAlgorithms)).min(1).optional(),
  scopePrefix: z.string().optional(),
  profilesClaim: text.optional(),
  ownClaim: text.optional(),
  profiles: z.array(name).optional(),
  own: z.boolean().optional(),
});

const authSchema = z.strictObject({
  tokens: z.array(tokenSchema).superRefine(refuseDoubles).optional(),
  jwt: jwtSchema.optional(),
});
export type AuthConfig = z.output<typeof authSchema>;

const retentionSchema = z.strictObject({ events: count.optional(), bytes: count.optional(), days: count.optional() });

/** A secret is referred to, never copied (R6). A union: what stands there instead is not shown. */
const secret = z.union([z.strictObject({ fromEnv: text }), z.never()], { error: 'has to be {"fromEnv": "NAME"}' });

const jetStreamLogSchema = z.strictObject({
  type: z.literal('jetstream'),
  servers: z
    .array(text.refine((server) => !server.includes('@'), 'holds a credential: put it into user, password or token'))
    .min(1),
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'has 1 … 64 letters, digits, "_" or "-"')
    .optional(),
  replicas: z.literal([1, 3, 5]).optional(),
  durability: z.enum(['sync', 'interval']).optional(),
  leaseMs: z.int().min(500).max(600_000).optional(),
  user: text.optional(),
  password: secret.optional(),
  token: secret.optional(),
  credsFile: text.optional(),
  nkeyFile: text.optional(),
  tls: z
    .union(
      [
        z.literal(true),
        z.strictObject({ caFile: text.optional(), certFile: text.optional(), keyFile: text.optional() }),
      ],
      { error: 'has to be true, or an object of caFile, certFile and keyFile' },
    )
    .optional(),
  retention: retentionSchema.optional(),
});
export type JetStreamLogConfig = z.output<typeof jetStreamLogSchema>;

const logSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('memory'), retention: retentionSchema.optional() }),
  z.strictObject({
    type: z.literal('embedded'),
    durability: z.enum(['sync', 'interval', 'none']).optional(),
    intervalMs: milliseconds.optional(),
    retention: retentionSchema.optional(),
  }),
  jetStreamLogSchema,
]);

const mountSchema = z
  .strictObject({
    url: text,
    remoteId: name.optional(),
    tokenFile: text.optional(),
    allowPlaintext: z.boolean().optional(),
  })
  .superRefine((mount, context) => {
    const problem = hostUrlProblem(mount);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['url'], message: problem });
  });
export type MountConfig = z.output<typeof mountSchema>;

/** The configuration file. Unknown keys are refused. */
export const configSchema = z.strictObject({
  runtimeId: name.optional(),
  server: z
    .strictObject({
      hosts: z.array(text).optional(),
      origins: z
        .array(z.string().refine(isOrigin, 'has to be an origin, as https://name or http://name:port'))
        .optional(),
    })
    .optional(),
  auth: authSchema.optional(),
  profiles: z.record(name, profileSchema).optional(),
  log: logSchema.optional(),
  limits: z
    .strictObject({
      workers: count.optional(),
      inputBytes: count.optional(),
      eventBytes: count.optional(),
      inputsPerMinute: count.optional(),
      streams: count.optional(),
      subscriptions: count.optional(),
    })
    .optional(),
  runtimes: z.record(name, mountSchema).optional(),
  operator: later('this version has no operator port; leave it out').optional(),
});
export type ConfigFile = z.output<typeof configSchema>;
