/**
 * What the modelled engine takes for each thing that it is asked, in µs of one CPU, and how long a message and its answer
 * are on their way, in ms. By S2, as docs/scaling.md tells it: a read is an `ownerOf`; two writes and a read are a take;
 * two removals and a read are a forget; what is heard is a row of its own, alone and among others. What is listed, and
 * making a list, are supposed.
 */
export const recordedCosts = {
  read: 13,
  write: 20,
  remove: 30,
  heard: 10,
  heardInBursts: 0.3,
  listed: 5,
  list: 150,
  tripMs: 0.16,
};
