import { lossFaults } from './losses.js';
import { plantedFaultTests } from '../plant.js';

plantedFaultTests(lossFaults);
