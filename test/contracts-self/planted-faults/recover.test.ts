import { recoverFaults } from './recover.js';
import { plantedFaultTests } from '../plant.js';

plantedFaultTests(recoverFaults);
