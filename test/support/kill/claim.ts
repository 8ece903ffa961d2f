/** A rule was broken: by the host, or by what is left after it was killed. */
export class RuleBroken extends Error {}

/** `rule`: its ids and what it says. `seen`: what was seen instead. */
export function claim(holds: boolean, rule: string, seen: unknown): asserts holds {
  if (!holds) throw new RuleBroken(`${rule}: ${JSON.stringify(seen)}`);
}
