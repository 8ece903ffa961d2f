import { browserGatewayContract } from '../../contracts/browser-gateway-contract.js';
import type { ContractCase } from '../../contracts/contract-case.js';
import { executionBackendContract } from '../../contracts/execution-backend-contract.js';
import { wordInputs } from '../../contracts/execution-backend/word-inputs.js';
import { workerLogContract } from '../../contracts/worker-log-contract.js';
import type { PortName } from '../check-command.js';

const create = (): never => {
  throw new Error('these cases are not run');
};

/** Every case of a port, for their ids and rules: they are not there to be run. */
export function casesOf(port: PortName): readonly ContractCase[] {
  if (port === 'worker-log') return workerLogContract({ create });
  if (port === 'browser-gateway') return browserGatewayContract({ create, profile: '' });
  return executionBackendContract({ create, inputs: wordInputs() });
}
