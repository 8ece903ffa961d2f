// A stricter floor: as many lines in a write as a pipe holds.
import { flooding } from '../lib/flooding.mjs';

await flooding(65_536);
