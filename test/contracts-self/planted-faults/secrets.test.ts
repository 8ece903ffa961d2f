import { secretFaults } from './secrets.js';
import { plantedFaultTests } from '../plant.js';

plantedFaultTests(secretFaults);
