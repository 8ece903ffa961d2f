import { generationFaults } from './generations.js';
import { plantedFaultTests } from '../plant.js';

plantedFaultTests(generationFaults);
