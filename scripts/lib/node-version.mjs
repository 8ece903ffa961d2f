/** Written for old Nodes too: it is what tells their users, so it uses nothing that they cannot parse. */
export const lowestNode = [20, 19];

/** What to tell the user of a Node that is too old, or `undefined`. */
export function nodeProblem(version) {
  const parts = version.split('.').map(Number);
  const enough = parts[0] > lowestNode[0] || (parts[0] === lowestNode[0] && parts[1] >= lowestNode[1]);
  if (enough) return undefined;
  return (
    'workport needs Node.js ' + lowestNode.join('.') + ' or newer; this is ' + version + '. See https://nodejs.org'
  );
}

/** Loads `load()` only on a Node that can run it. */
export function onSupportedNode(load) {
  const problem = nodeProblem(process.versions.node);
  if (problem !== undefined) {
    console.error(problem);
    process.exit(1);
  }
  load().catch(function (error) {
    console.error(error && error.stack ? error.stack : String(error));
    process.exit(1);
  });
}
