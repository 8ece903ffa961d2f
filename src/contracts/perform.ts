import { within } from './within.js';

/** How long the disposal of what failed is waited for: the next case is not to run beside its processes. */
const disposalMs = 500;

interface Performance<Subject extends AsyncDisposable> {
  readonly signal: AbortSignal;
  /** What is under test, in a few words: `a backend`. */
  readonly what: string;
  create(): Promise<Subject>;
  run(subject: Subject): Promise<void>;
}

const dispose = async (subject: AsyncDisposable): Promise<void> => subject[Symbol.asyncDispose]();

/** Disposes what failed. Waits for a while, and says nothing of what goes wrong: why the case failed is said. */
async function disposed(subject: AsyncDisposable): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, disposalMs)));
  await Promise.race([dispose(subject).catch(() => undefined), late]);
  clearTimeout(timer);
}

/** Makes what is under test, runs with it, and disposes it; also where it fails, or comes when nobody waits any more. */
export async function perform<Subject extends AsyncDisposable>(performance: Performance<Subject>): Promise<void> {
  const { signal, what, create, run } = performance;
  const made = (async () => create())();
  let subject: Subject;
  try {
    subject = await within(signal, `${what} from the harness`, made);
  } catch (cause) {
    void made.then(dispose).catch(() => undefined);
    throw cause;
  }
  try {
    await run(subject);
  } catch (cause) {
    await disposed(subject);
    throw cause;
  }
  await within(signal, `the disposal of ${what}`, dispose(subject));
}
