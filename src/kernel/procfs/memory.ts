import { endianness } from 'node:os';
import type { HostFacts } from '../../domain/risks/setting-risks.ts';
import { orFailure, type KernelFiles } from '../kernel-files.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import type { KernelLayout } from '../kernel-layout.ts';

const MEMINFO = '/proc/meminfo';
/** The auxiliary vector: pairs of machine words, type and value (getauxval(3)). */
const AUXV = '/proc/self/auxv';
const AT_PAGESZ = 6n;
const BUCKET_HEAD_BYTES = 8;

type MemoryFacts = Pick<HostFacts, 'memoryTotalBytes' | 'memoryAvailableBytes' | 'bucketQuantum'>;

/** Memory of the host, and how many bucket heads fit into a page. Only the nf_conntrack layout rounds to pages. */
export async function readMemory(files: KernelFiles, layout: KernelLayout): Promise<MemoryFacts> {
  const meminfo = await orFailure(files.readText(MEMINFO));
  const text = meminfo instanceof KernelFileError ? '' : meminfo;
  const total = meminfoBytes(text, 'MemTotal');
  const available = meminfoBytes(text, 'MemAvailable');
  const pageBytes = layout.name === 'nf_conntrack' ? await readPageBytes(files) : undefined;
  return {
    ...(total !== undefined && { memoryTotalBytes: total }),
    ...(available !== undefined && { memoryAvailableBytes: available }),
    ...(pageBytes !== undefined && { bucketQuantum: pageBytes / BUCKET_HEAD_BYTES }),
  };
}

function meminfoBytes(text: string, field: string): number | undefined {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

async function readPageBytes(files: KernelFiles): Promise<number | undefined> {
  const auxv = await orFailure(files.readBytes(AUXV));
  if (auxv instanceof KernelFileError || endianness() !== 'LE') return undefined;
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    if (auxv.readBigUInt64LE(at) === AT_PAGESZ) return Number(auxv.readBigUInt64LE(at + 8));
  }
  return undefined;
}
