/** What a program gets of the host's own environment. Everything else has to be named by its profile. */
export const inheritedVariables = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'] as const;

export type Environment = Readonly<Record<string, string>>;
type HostEnvironment = Readonly<Record<string, string | undefined>>;

/** A value, or the name of the host's variable that holds it: a secret is referred to, never copied (R6). */
export type NamedVariables = Readonly<Record<string, string | { readonly fromEnv: string }>>;

/**
 * The whole environment of a program: the allow-list of the host's, and over it what is `named`. Throws where a
 * variable that is referred to is not set.
 */
export function programEnvironment(named: NamedVariables = {}, host: HostEnvironment = process.env): Environment {
  const environment: Record<string, string> = {};
  for (const name of inheritedVariables) {
    const value = host[name];
    if (value !== undefined) environment[name] = value;
  }
  for (const [name, value] of Object.entries(named)) {
    environment[name] = typeof value === 'string' ? value : referred(value.fromEnv, host);
  }
  return environment;
}

function referred(name: string, host: HostEnvironment): string {
  const value = host[name];
  if (value === undefined) throw new Error(`the variable ${name} is not set for the host`);
  return value;
}
