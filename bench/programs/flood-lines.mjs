// The floor of a stream: a line a write.
import { flooding } from '../lib/flooding.mjs';

await flooding(1);
