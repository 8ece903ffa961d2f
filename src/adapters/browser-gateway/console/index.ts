export { consoleAssets } from './console-assets.js';
