/** Where the console is, for a browser on this machine, with what opens a session. No host is sent a fragment. */
export function consoleLink(url: string, code: string): string {
  const link = new URL(url);
  if (link.hostname === '0.0.0.0') link.hostname = '127.0.0.1';
  if (link.hostname === '[::]') link.hostname = '[::1]';
  link.hash = `code=${code}`;
  return link.href;
}
