import { publishingFaults } from './publishing.js';
import { plantedFaultTests } from '../plant.js';

plantedFaultTests(publishingFaults);
