import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Draws plots as SVG files into a folder. `draw`: a Vega-Lite specification as SVG. */
export async function writePlots(folder, plots, draw) {
  await mkdir(folder, { recursive: true });
  for (const plot of plots) await writeFile(join(folder, `${plot.name}.svg`), `${await draw(specification(plot))}\n`);
}

/** On a ground of its own: to be read on a light page and on a dark one. */
const ground = '#ffffff';
const ink = '#24292f';
const grid = '#d8dee4';
const colours = ['#0969da', '#bc4c00', '#1a7f37', '#8250df', '#cf222e'];
/** So that series that lie upon each other are told apart without their colour. */
const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross'];

const spansDecade = (values) => Math.min(...values) > 0 && Math.max(...values) > 10 * Math.min(...values);

/** A round number at which no point lies at the very edge. */
const above = (value) => value * 1.1;

function vertical(title, values) {
  const scale = spansDecade(values)
    ? { type: 'log', nice: true }
    : { type: 'linear', zero: true, nice: true, domainMax: above(Math.max(...values)) };
  return { field: 'y', type: 'quantitative', title, scale, axis: axisOf(scale, values) };
}

const powers = (values) => {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.ceil(Math.log10(Math.max(...values)));
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
};
const axisOf = ({ type }, values) => ({ format: ',', ...(type === 'log' && { values: powers(values) }) });

/** `points` of a series: `[x, y]` each, x above 0. */
function specification({ title, x, y, series }) {
  const values = series.flatMap(({ name, points }) => points.map(([at, value]) => ({ series: name, x: at, y: value })));
  const names = series.map(({ name }) => name);
  const xs = values.map((value) => value.x);
  const across = { type: 'log', nice: false };
  const ys = values.map((value) => value.y);
  const legend = { title: null, orient: 'bottom', columns: 2, symbolSize: 90, labelLimit: 320 };
  return {
    width: 560,
    height: 300,
    padding: 16,
    background: ground,
    title: { text: title, anchor: 'start', offset: 14 },
    data: { values },
    mark: { type: 'line', point: { size: 70, filled: true }, strokeWidth: 2 },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: x, scale: across, axis: axisOf(across, xs) },
      y: vertical(y, ys),
      color: { field: 'series', type: 'nominal', scale: { domain: names, range: colours }, legend },
      shape: { field: 'series', type: 'nominal', scale: { domain: names, range: shapes }, legend },
    },
    config: {
      font: 'system-ui, sans-serif',
      title: { color: ink, fontSize: 15 },
      axis: { labelColor: ink, titleColor: ink, gridColor: grid, domainColor: ink, tickColor: ink, labelFontSize: 12 },
      legend: { labelColor: ink, labelFontSize: 12 },
      view: { stroke: null },
    },
  };
}
