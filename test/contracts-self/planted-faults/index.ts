import type { PlantedFault } from '../plant.js';
import { answerFaults } from './answers.js';
import { cancelFaults } from './cancels.js';
import { endFaults } from './ends.js';
import { generationFaults } from './generations.js';
import { hangFaults } from './hangs.js';
import { inputFaults } from './inputs.js';
import { lossFaults } from './losses.js';
import { publishingFaults } from './publishing.js';
import { questionFaults } from './questions.js';
import { recoverFaults } from './recover.js';
import { secretFaults } from './secrets.js';

/** Every backend with one fault. */
export const plantedFaults: readonly PlantedFault[] = [
  ...answerFaults,
  ...cancelFaults,
  ...endFaults,
  ...generationFaults,
  ...hangFaults,
  ...inputFaults,
  ...lossFaults,
  ...publishingFaults,
  ...questionFaults,
  ...recoverFaults,
  ...secretFaults,
];
