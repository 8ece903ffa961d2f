/** One line at the end of a terminal that is rewritten in place. */
export interface LiveLine {
  /** Asked for the text again and again, until the next call. */
  show(text: () => string): void;
  clear(): void;
}

export interface Terminal {
  readonly columns: number;
  write(text: string): unknown;
}

const everyMs = 100;
const erase = '\r\u001b[2K';

export function liveLine(terminal: Terminal): LiveLine {
  let timer: ReturnType<typeof setInterval> | undefined;
  const clear = (): void => {
    if (timer) terminal.write(erase);
    clearInterval(timer);
    timer = undefined;
  };
  return {
    show(text) {
      clear();
      const draw = (): unknown => terminal.write(`${erase}${text().slice(0, Math.max(1, terminal.columns - 1))}`);
      timer = setInterval(draw, everyMs).unref();
      draw();
    },
    clear,
  };
}
