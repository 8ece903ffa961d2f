import { hangFaults } from './hangs.js';
import { plantedFaultTests } from '../plant.js';

plantedFaultTests(hangFaults);
