/** `WORKPORT_SEED` repeats a failure, `WORKPORT_RUNS` looks further than the runs that a test has of its own. */
export const seed = Number(process.env['WORKPORT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const times = Number(process.env['WORKPORT_RUNS'] ?? 0);

/** How fast-check runs a property. A failure tells seed and path. */
export const fuzzed = (runs: number) => ({ seed, numRuns: times || runs }) as const;
