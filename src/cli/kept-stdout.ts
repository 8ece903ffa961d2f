export type Write = (text: string) => boolean;

/** What a module prints goes to stderr, where it disturbs no report. The report gets what it writes with. */
export function keptStdout(): Disposable & { readonly write: Write } {
  const { stdout, stderr } = process;
  const original = stdout.write;
  stdout.write = stderr.write.bind(stderr);
  return {
    write: (text) => original.call(stdout, text),
    [Symbol.dispose]: () => void (stdout.write = original),
  };
}
