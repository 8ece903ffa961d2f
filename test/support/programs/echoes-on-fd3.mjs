// Reads descriptor 3, writes descriptor 4; what it prints is only talk.
import { createReadStream, createWriteStream } from 'node:fs';

console.log('talk on stdout');
createReadStream('', { fd: 3 }).pipe(createWriteStream('', { fd: 4 }));
