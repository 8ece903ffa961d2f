/** What a program gets of the host's own environment. Everything else has to be named by its profile. */
export const inheritedVariables = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'] as const;

export type Environment = Readonly<Record<string, string>>;

/** The whole environment of a program: the allow-list of the host's, and over it what is `named`. */
export function programEnvironment(
  named: Environment,
  host: Readonly<Record<string, string | undefined>> = process.env,
): Environment {
  const environment: Record<string, string> = {};
  for (const name of inheritedVariables) {
    const value = host[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...named };
}
