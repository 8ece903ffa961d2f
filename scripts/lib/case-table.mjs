import { format } from 'prettier';

import { root } from './root.mjs';

const marks = /(<!-- cases -->\n)[\s\S]*?(<!-- \/cases -->)/;

const numberOf = (id) => Number(id.slice(-3));
const familyOf = (id) => id.slice(0, -4);

/** `EB-STOP-001 … 003` for neighbours: a table that somebody can read. */
function condensed(ids) {
  const rows = [];
  for (const id of [...ids].sort()) {
    const row = rows.at(-1);
    const follows = row && familyOf(row[0]) === familyOf(id) && numberOf(row.at(-1)) + 1 === numberOf(id);
    if (follows) row.push(id);
    else rows.push([id]);
  }
  return rows
    .map((row) => {
      const last = row.at(-1).slice(-3);
      if (row.length === 1) return `\`${row[0]}\``;
      return row.length === 2 ? `\`${row[0]}\`, \`${last}\`` : `\`${row[0]}\` … \`${last}\``;
    })
    .join(', ');
}

/** Which cases of the backend's suite find a backend that breaks a rule, one row a rule. Needs a build. */
async function caseTable() {
  const { executionBackendContract, ruleSentences } = await import(`${root}dist/contracts/index.js`);
  const cases = executionBackendContract({ create: () => undefined, inputs: { completes: () => [] } });
  const rows = Object.entries(ruleSentences).flatMap(([rule, sentence]) => {
    const ids = cases.filter(({ rules }) => rules.includes(rule)).map(({ id }) => id);
    return ids.length === 0 ? [] : [`| ${rule} | ${sentence} | ${condensed(ids)} |`];
  });
  return format(['| rule | in a sentence | cases |', '| --- | --- | --- |', ...rows].join('\n'), {
    parser: 'markdown',
  });
}

/** The text with its table of cases, where it has the marks for one. */
export async function withCaseTable(text) {
  if (!marks.test(text)) return text;
  const table = await caseTable();
  return text.replace(marks, (_, before, after) => `${before}\n${table}\n${after}`);
}
