import { answerFaults } from './answers.js';
import { plantedFaultTests } from '../plant.js';

plantedFaultTests(answerFaults);
