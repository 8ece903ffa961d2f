/** Whether something is being done to the hosts: only then may they fail to answer. */
export class Trouble {
  isOn = true;
  #count = 0;

  begin(): void {
    this.isOn = true;
    this.#count += 1;
  }

  end(): void {
    this.isOn = false;
  }

  /** Asked now, tells later whether there was any since. */
  watch(): () => boolean {
    const [wasOn, count] = [this.isOn, this.#count];
    return () => wasOn || this.isOn || this.#count !== count;
  }
}

/** When the way to the engine was troubled for somebody: from its beginning until all was served again. */
export class EngineTimes {
  readonly #times: { readonly from: number; to: number }[] = [];

  begin(): () => void {
    const time = { from: Date.now(), to: Infinity };
    this.#times.push(time);
    return () => (time.to = Date.now());
  }

  has(at: number): boolean {
    return this.#times.some(({ from, to }) => at >= from && at <= to);
  }
}
