/**
 * Runs every side once per round, each first in turn, so that a noisy machine moves all of them. A side answers what it
 * measured, a number or an object of numbers; what is answered is the list of that by side.
 */
export async function interleaved(rounds, sides) {
  const names = Object.keys(sides);
  const measured = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) measured[name].push(await sides[name]());
  }
  return measured;
}

/** One figure of what sides answered that measure several. */
export const figure = (measured, key) =>
  Object.fromEntries(Object.entries(measured).map(([name, list]) => [name, list.map((each) => each[key])]));
