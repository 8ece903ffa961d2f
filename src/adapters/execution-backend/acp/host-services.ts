import type { ClientApp, RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';

import { readTextFile, writeTextFile } from './files.js';
import type { CheckedOptions } from './options.js';
import type { Sdk } from './sdk.js';
import type { Terminals } from './terminals.js';

export interface HostServicesOptions {
  readonly options: CheckedOptions;
  readonly terminals: Terminals;
  readonly permit: (request: RequestPermissionRequest, signal: AbortSignal) => Promise<RequestPermissionResponse>;
}

/** What an agent may ask its host for. All else is answered as a method that is not there. */
export function hostServices(sdk: Sdk, { options, terminals, permit }: HostServicesOptions): ClientApp {
  const { cwd, files } = options;
  const { client, methods } = sdk;
  const app = client({ name: 'workport' });
  const inTurn = oneByOne();
  app.onRequest(methods.client.session.requestPermission, ({ params, signal }) => permit(params, signal));
  if (files !== 'none')
    app.onRequest(methods.client.fs.readTextFile, ({ params }) =>
      told(sdk, () => inTurn(() => readTextFile(cwd, params))),
    );
  if (files === 'write')
    app.onRequest(methods.client.fs.writeTextFile, ({ params }) =>
      told(sdk, () => inTurn(() => writeTextFile(cwd, params))),
    );
  if (options.terminals) {
    const { create, output, waitForExit, kill, release } = methods.client.terminal;
    app.onRequest(create, ({ params }) => told(sdk, () => terminals.create(params)));
    app.onRequest(output, ({ params }) => told(sdk, () => terminals.output(params.terminalId)));
    app.onRequest(waitForExit, ({ params }) => told(sdk, () => terminals.exit(params.terminalId)));
    app.onRequest(kill, ({ params }) => told(sdk, () => terminals.kill(params.terminalId)));
    app.onRequest(release, ({ params }) => told(sdk, () => terminals.release(params.terminalId)));
  }
  return app;
}

/** One after the other: of large files one at a time is in memory. */
function oneByOne(): <T>(serve: () => Promise<T>) => Promise<T> {
  let former: Promise<unknown> = Promise.resolve();
  return (serve) => {
    const served = former.then(serve, serve);
    former = served;
    return served;
  };
}

/** What is wrong with a request is told to the agent in words of ours. */
async function told<T>({ RequestError }: Sdk, serve: () => Promise<T> | T): Promise<T> {
  try {
    return await serve();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'it failed';
    throw new RequestError(-32_602, message);
  }
}
