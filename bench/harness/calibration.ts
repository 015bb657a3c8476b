import { createHash } from 'node:crypto';
import { rawFloor } from '../workloads/contenders.ts';
import type { Host } from './host.ts';
import { Namespace } from './namespace.ts';
import { median } from './statistics.ts';

const ENTRIES = 100_000;
const ROUNDS = 5;
const HASHED = Buffer.alloc(16 * 1_048_576);
const MEBIBYTE = 1_048_576;

/** The speed of the machine, so that runs on unequal machines can be compared. */
export interface Calibration {
  /** SHA-256 on one core, in MiB a second of CPU. */
  readonly hashMebibytes: number;
  /** CPU per entry of a dump of 100,000 entries that is received and discarded, in microseconds. */
  readonly floorMicroseconds: number;
}

export async function calibrate(host: Host): Promise<Calibration> {
  const namespace = await Namespace.create(host.scratch, 'calibration');
  await namespace.fill(ENTRIES);
  const floors: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) floors.push((await rawFloor({ namespace })).cpuSeconds);
  await namespace.remove();
  return { hashMebibytes: median(Array.from({ length: ROUNDS }, hashRate)), floorMicroseconds: (median(floors) / ENTRIES) * 1e6 };
}

function hashRate(): number {
  const before = process.cpuUsage();
  createHash('sha256').update(HASHED).digest();
  const { user, system } = process.cpuUsage(before);
  return HASHED.length / MEBIBYTE / ((user + system) / 1e6);
}
