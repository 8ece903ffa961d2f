import { summary } from './statistics.mjs';

const isMet = (value, { least = -Infinity, most = Infinity }) => value >= least && value <= most;

const goalText = ({ least, most }) => (least === undefined ? `≤ ${most}` : `≥ ${least}`);

/** The ratio of each round, and their median. */
function ratioTo(ours, theirs) {
  const { median, least, most } = summary(ours.map((value, index) => value / theirs[index]));
  return { ratio: median, spread: [least, most] };
}

const besideFloor = (ours, floor) => (floor ? { floor: summary(floor).median, ...ratioTo(ours, floor) } : noFloor);
const noFloor = { floor: null, ratio: null, spread: null };

function peerRow(name, ours, theirs, goal) {
  const { ratio, spread } = ratioTo(ours, theirs);
  const judged = goal && { goal: goalText(goal), met: isMet(ratio, goal) };
  return { name, figure: summary(theirs).median, ratio, spread, ...judged };
}

/**
 * What a bench says of one workload. `figures`: by side, one for each round; `workport` is ours, `floor` the bare
 * primitive, every other side a peer. `goal` and each of `peerGoals` is `{ least }` or `{ most }`: of the ratio to the
 * floor or to that peer; of the figure itself where there is no floor. The row is met where all goals are; without any
 * it only tells.
 */
export function toRow(id, { workload, unit, goal, peerGoals = {}, figures }, versions) {
  const { workport, floor, ...others } = figures;
  const figure = summary(workport);
  const beside = besideFloor(workport, floor);
  const peers = Object.entries(others).map(([name, theirs]) => peerRow(name, workport, theirs, peerGoals[name]));
  const judged = beside.ratio ?? figure.median;
  return {
    id,
    workload,
    figure: figure.median,
    unit,
    floor: beside.floor,
    ratio: beside.ratio,
    goal: goal ? goalText(goal) : null,
    met: goal ? isMet(judged, goal) && peers.every(({ met = true }) => met) : null,
    spread: beside.spread ?? [figure.least, figure.most],
    peers,
    versions,
  };
}

const round = (value) => Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 20 });
const besides = ({ ratio, spread }) => `${round(ratio)} (${round(spread[0])} … ${round(spread[1])})`;
const peerCell = (peer) => `${peer.name}: ${besides(peer)}${peer.goal ? `, ${peer.goal}` : ''}`;

const cells = (row) => [
  row.id,
  row.workload,
  `${round(row.figure)} ${row.unit}`,
  row.floor === null ? '–' : `${round(row.floor)} ${row.unit}`,
  row.ratio === null ? '–' : besides(row),
  row.goal ?? '–',
  row.peers.length > 0 ? row.peers.map(peerCell).join('; ') : '–',
  row.met === null ? '–' : row.met ? 'yes' : 'no',
];

const heads = ['id', 'workload', 'Workport', 'floor', 'ratio (least … most)', 'goal', 'beside peers', 'met'];

/** The rows as a table of Markdown. */
export const table = (rows) =>
  [heads, heads.map(() => '---'), ...rows.map(cells)].map((line) => `| ${line.join(' | ')} |`).join('\n');
