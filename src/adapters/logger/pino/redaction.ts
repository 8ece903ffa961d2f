const shortestSecret = 6;
const mark = '[redacted]';

/** How a secret may stand in a line: as it is, in a JSON string, in a URL, in base64. */
function encodings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ];
}

/** Takes secrets out of text, the longest first, so that none is left in part by one that it contains. */
export function redaction(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret.length >= shortestSecret).flatMap(encodings);
  const needles = [...new Set(known)].sort((a, b) => b.length - a.length);
  return (text) => needles.reduce((rest, needle) => rest.replaceAll(needle, mark), text);
}
