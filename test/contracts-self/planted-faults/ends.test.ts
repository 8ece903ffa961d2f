import { endFaults } from './ends.js';
import { plantedFaultTests } from '../plant.js';

plantedFaultTests(endFaults);
