/**
 * What the modelled engine takes for each thing that it is asked, in µs, one after the other, and how long a message is
 * on its way there and back, in ms. By S2 on the machine of docs/benchmarks.md: a read is an `ownerOf`; two writes and a
 * read are a take; two removals and a read are a forget; a message that is heard is its own row.
 */
export const recordedCosts = { read: 15, write: 22, remove: 31, heard: 5, listed: 5, list: 150, tripMs: 0.16 };

/** The same by what S2 has just measured: its medians in µs. */
export const costsOf = ({ take, ownerOf, forget, heard, tripMs }) => ({
  ...recordedCosts,
  read: ownerOf,
  write: Math.max(1, (take - ownerOf) / 2),
  remove: Math.max(1, (forget - ownerOf) / 2),
  heard,
  listed: heard,
  tripMs,
});
