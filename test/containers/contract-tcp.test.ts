import { containedContract } from '../support/containers/contract.js';
import { withinBudget } from '../support/contracts/within-budget.js';

withinBudget(240_000);

await containedContract('tcp');
