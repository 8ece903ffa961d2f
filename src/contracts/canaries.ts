/** What of a text is the same in every base64 text that holds it, wherever it begins: one for each place in three. */
const base64Of = (text: string): readonly string[] =>
  [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const whole = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(Math.ceil((before * 8) / 6), whole);
  });

const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');

/** Every form in which a canary may stand in a text: plain, URL-encoded, JSON-escaped, in base64. */
const formsOf = (canary: string): readonly string[] => [
  canary,
  encodeURIComponent(canary),
  JSON.stringify(canary).slice(1, -1),
  ...base64Of(canary).flatMap((base64) => [base64, urlSafe(base64)]),
];

/** Which of the canaries stand in a text, in whatever form (B3). */
export const canariesIn = (text: string, canaries: readonly string[] = []): readonly string[] =>
  canaries.filter((canary) => formsOf(canary).some((form) => text.includes(form)));
