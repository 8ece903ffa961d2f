import { inputFaults } from './inputs.js';
import { plantedFaultTests } from '../plant.js';

plantedFaultTests(inputFaults);
