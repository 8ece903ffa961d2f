/** Lets everything go on that waits for nothing from outside. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Several of them. */
export async function turns(count: number): Promise<void> {
  for (let turned = 0; turned < count; turned += 1) await turn();
}
