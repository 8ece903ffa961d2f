import { parse, View } from 'vega';
import { compile } from 'vega-lite';

/** A Vega-Lite specification as SVG. */
export async function drawing(specification) {
  const view = new View(parse(compile(specification).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
