import { hostname } from 'node:os';

import type { ContainerRuntimeClient } from 'testcontainers';
import { getContainerRuntimeClient } from 'testcontainers';

// What is started here is labelled and removed by its id: no container of another's image is needed for that.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';

/** For the first start, with the build of the image, on a slow machine. */
export const startMs = 180_000;

/** Whose process started it: `HOST:PID`. */
const label = 'workport.test.process';

/** On whatever the tests start. */
export const labels = { [label]: `${hostname()}:${process.pid}` };

/** The engine, through the client that testcontainers made for it. Rejects where none answers. */
export const engine = (): Promise<ContainerRuntimeClient> => getContainerRuntimeClient();

export const isDockerThere = (): Promise<boolean> =>
  engine().then(
    () => true,
    () => false,
  );

function isOfTheDead(owner = ''): boolean {
  const [host, pid] = owner.split(':');
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Removes what test processes of this machine left that were killed. */
export async function sweep(): Promise<void> {
  const { dockerode } = (await engine()).container;
  const filters = { label: [label] };
  // Several sweep at a time: what is gone already is as good.
  const gone = (): undefined => undefined;
  for (const { Id, Labels } of await dockerode.listContainers({ all: true, filters })) {
    if (isOfTheDead(Labels[label])) await dockerode.getContainer(Id).remove({ force: true, v: true }).catch(gone);
  }
  for (const { Id, Labels } of await dockerode.listNetworks({ filters })) {
    if (isOfTheDead(Labels?.[label])) await dockerode.getNetwork(Id).remove().catch(gone);
  }
}
