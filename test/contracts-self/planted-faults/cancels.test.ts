import { cancelFaults } from './cancels.js';
import { plantedFaultTests } from '../plant.js';

plantedFaultTests(cancelFaults);
