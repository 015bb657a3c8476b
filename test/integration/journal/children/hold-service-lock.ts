import { writeSync } from 'node:fs';
import { acquireServiceLock } from '../../../../src/journal/file/journal-lock.ts';

/** Holds the service lock until killed. */
const [dataDir = ''] = process.argv.slice(2);
acquireServiceLock(dataDir, { pid: process.pid, startedAt: new Date('2026-01-01T00:00:00.000Z'), listen: '127.0.0.1:8477' });
writeSync(1, 'held\n');
setInterval(() => undefined, 60_000);
