import { StringDecoder } from 'node:string_decoder';

export interface LineSplitter {
  push(chunk: Uint8Array): void;
  /** Hands on what came after the last line break. */
  end(): void;
}

/** Cuts bytes into lines of text. A line keeps its first `maxCharacters`; the rest of it is dropped as it comes. */
export function lineSplitter(maxCharacters: number, onLine: (line: string, truncated: boolean) => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let line = '';
  let truncated = false;

  const take = (text: string): void => {
    const room = maxCharacters - line.length;
    if (text.length > room) truncated = true;
    line += text.slice(0, room);
  };
  const flush = (): void => {
    onLine(line.endsWith('\r') ? line.slice(0, -1) : line, truncated);
    line = '';
    truncated = false;
  };
  const split = (text: string): void => {
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      take(text.slice(from, at));
      flush();
      from = at + 1;
    }
    take(text.slice(from));
  };
  return {
    push: (chunk) => split(decoder.write(chunk)),
    end: () => {
      split(decoder.end());
      if (line !== '' || truncated) flush();
    },
  };
}
