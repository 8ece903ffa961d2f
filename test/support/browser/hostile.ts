import {
  generatorBackend,
  notice,
  output,
  planUpdated,
  reasoning,
  text,
  toolCallEnded,
  toolCallStarted,
  toolCallUpdated,
  usage,
} from '../../../src/index.js';
import type { RuntimeOptions } from '../../../src/index.js';

import { ownWork } from './own-work.js';

const run = 'globalThis.ran=1';

/** Texts that would do something if a page took them for anything but text. */
export const hostileTexts: readonly string[] = [
  `<img src=x onerror="${run}"><img src="https://evil.test/pixel.png">`,
  `<script>${run}</script><script src="https://evil.test/script.js"></script>`,
  `</pre></div></article></main><h1>Signed out</h1><form action="https://evil.test"><input name="token"></form>`,
  `<svg onload="${run}"><a xlink:href="javascript:${run}"><text>svg</text></a></svg><math><mtext><style><img onerror="${run}" src=x>`,
  `<iframe src="https://evil.test"></iframe><base href="https://evil.test"><meta http-equiv="refresh" content="0;url=https://evil.test"><style>*{display:none}</style>`,
  `&lt;img src=x onerror=${run}&gt; &#60;script&#62;${run}&#60;/script&#62; &amp;amp;lt; &nbsp;&#0;&#x202e;`,
  `{{constructor.constructor('${run}')()}} \${${run}} <%= ${run} %> __proto__ "><' onmouseover=${run} x='`,
  'bell \u0007 null \u0000 backspace ab\b\b delete \u007f next line \u0085 string \u009d0;title\u009c vertical \v form \f end',
  '\u001b[31mred\u001b[0m \u001b[2J\u001b[1;1H \u001b]0;title\u0007 \u001b]8;;https://evil.test\u001b\\link\u001b]8;;\u001b\\ \u009b31mc1\u009bm',
  'progress 1 %\rprogress 2 %\r\nnext\rlast',
  'photo\u202egnp.exe \u202ddown\u202c \u2066one\u2067two\u2068three\u2069 \u061c\u200e\u200f\u202a\u202b end',
  `javascript:${run} JaVaScRiPt:${run} vbscript:${run} data:text/html,<script>${run}</script> file:///etc/passwd`,
  'https://user@evil.test/ https://user:secret@evil.test/ https://evil.test@127.0.0.1/ http://127.0.0.1:80\\@evil.test/',
  'https://аррӏе.com/ https://ex\u202eample.test/ https://xn--80ak6aa92e.com/ https://evil\u2024test/ https://[::1]/ https:/evil.test //evil.test',
  `https://evil.test/${'long'.repeat(2_000)}`,
  'W'.repeat(10_000),
  `pile e${'\u0301\u0316\u0338'.repeat(700)} end ${'\u0e49'.repeat(300)}`,
  '\u2028line\u2029paragraph \u200bzero\u200d\ufeffwidth \ufffc\u{e0001}\u{e0041} 🏴‍☠️👩‍👩‍👧‍👦 \uD83D',
];

/** As plain as text can be, with what the page shows in an element of its own: a control character and a link. */
export const plainTexts: readonly string[] = ['plain', 'bell \u0007 rings', 'see https://example.test/path'];

const options = (texts: readonly string[]) => texts.map((label, index) => ({ optionId: `option-${index}`, label }));

const statuses = ['pending', 'in-progress', 'completed'] as const;
const steps = (texts: readonly string[]) =>
  texts.map((step, index) => ({ text: step, status: statuses[index % 3] ?? 'pending', priority: 'high' as const }));

/** A file with another name, gone lines, come lines, and lines that stay; and one that is new. */
const diffs = (one: string) => [
  { file: one, before: `kept\n${one}\nold ${one}\n`, after: `kept\nnew ${one}\n${one}\n` },
  { file: one, after: one },
];

/** A Runtime whose Workers, profiles and names say these texts, wherever they can say anything. */
export function saying(texts: readonly string[]): Pick<RuntimeOptions, 'profiles'> {
  const all = texts.join('\n');
  const shortest = [...texts].map((label) => label.slice(0, 256));
  const asked = generatorBackend({
    id: 'saying',
    run: async function* (_, { ask }) {
      yield reasoning(all);
      for (const [index, one] of texts.entries()) {
        yield text(one, `text-${index}`);
        yield output(`${one}\n`);
        yield output(`${one}\n`, 'stderr');
        yield toolCallStarted(`call-${index}`, one, { title: one, input: { [one]: [one, { deep: one }] } });
        yield toolCallUpdated(`call-${index}`, { title: `${one} ${index}`, diffs: diffs(one) });
        yield toolCallEnded(`call-${index}`, { output: one, isError: index % 2 === 0 });
        yield notice(one, 'warning');
      }
      yield planUpdated('plan', steps([...texts, all]));
      yield usage({ inputTokens: 1, outputTokens: 2, costUsd: 0.5, contextTokens: 12_000, contextLimit: 200_000 });
      yield text(all, 'all');
      yield text('All said.', 'end');
      await Promise.all([ask({ prompt: all, options: options(texts) }), ask({ prompt: all })]);
    },
  });
  const { backend } = ownWork(asked, async (own, workerId) => {
    for (const [index, one] of [...texts, all].entries()) {
      await own.begin(workerId, `activity-${index}`, one);
      if (index % 2 === 0) await own.end(workerId, `activity-${index}`);
    }
  });
  return {
    profiles: Object.fromEntries(
      shortest.map((label, index) => [`profile-${index}`, { label, description: label, backend }]),
    ),
  };
}
