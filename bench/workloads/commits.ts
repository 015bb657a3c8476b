import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { quantile } from '../harness/statistics.ts';
import type { Result, Workload } from '../harness/workload.ts';
import { recordChangesOneByOne } from './record-changes.ts';

const RECORDER = resolve('bench/workloads/record-changes.ts');
const CHANGES = 2_000;
const TRACED_CHANGES = 100;
const PAGE = Buffer.alloc(4_096, 1);

/** Recording a change, which is its intent and its outcome, compared with a bare write + fdatasync in the same directory. */
export const commits = {
  name: 'commits',
  targets: [
    { what: 'change with two commits, p99', against: 'write + fdatasync', limit: 6, unit: 'ratio' },
    { what: 'change with two commits, p50', against: 'write + fdatasync', limit: 12, unit: 'ratio' },
    { what: 'syncs per change', against: '-', limit: 2.1, unit: 'syncs' },
  ],
  run(directory: string): Promise<readonly Result[]> {
    const [bare, recorded] = [bareSyncs(directory), recordChangesOneByOne(join(directory, 'recorded'), CHANGES)];
    const syncs = syncsPerChange(directory);
    return Promise.resolve([
      ...[0.99, 0.5].map((share) => {
        const [ours, theirs] = [quantile(recorded, share), quantile(bare, share)];
        return { value: ours / theirs, ours: `${ours.toFixed(3)} ms`, theirs: `${theirs.toFixed(3)} ms` };
      }),
      { value: syncs, ours: syncs.toFixed(2), theirs: '' },
    ]);
  },
} as const satisfies Pick<Workload, 'name' | 'targets'> & { run(directory: string): Promise<readonly Result[]> };

function bareSyncs(directory: string): readonly number[] {
  const file = openSync(join(directory, 'bare'), 'w');
  const milliseconds = Array.from({ length: CHANGES }, () => {
    const start = performance.now();
    writeSync(file, PAGE, 0, PAGE.length, 0);
    fdatasyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  return milliseconds;
}

/** Traces a run without changes too, and subtracts the syncs of opening and closing the journal. */
function syncsPerChange(directory: string): number {
  const trace = (changes: number): number => {
    const log = join(directory, `strace-${String(changes)}`);
    const recorder = [process.execPath, RECORDER, join(directory, `traced-${String(changes)}`), String(changes)];
    execFileSync('strace', ['-f', '-o', log, '-e', 'trace=fsync,fdatasync', ...recorder]);
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => / f(data)?sync\(/.test(line)).length;
  };
  return (trace(TRACED_CHANGES) - trace(0)) / TRACED_CHANGES;
}
