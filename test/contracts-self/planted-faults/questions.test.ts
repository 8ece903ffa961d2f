import { questionFaults } from './questions.js';
import { plantedFaultTests } from '../plant.js';

plantedFaultTests(questionFaults);
