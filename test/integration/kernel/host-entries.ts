import { readdir, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DumpSummary, Entry, StreamFormat } from '../../../src/domain/entry.ts';
import { parseFilter } from '../../../src/domain/filter/parse-filter.ts';
import { HostEntries, type DumpLimits } from '../../../src/kernel/dump/host-entries.ts';
import { NamedNamespaces } from '../../../src/kernel/named-namespaces.ts';
import { TableGate } from '../../../src/kernel/table-gate.ts';

export function entriesOver(root: string, limits: Partial<DumpLimits> = {}, gate = new TableGate()): HostEntries {
  return new HostEntries(root, gate, new NamedNamespaces(root, false), limits);
}

export async function streamed(entries: HostEntries, filter = 'all', format: StreamFormat = 'ndjson'): Promise<string> {
  return textOf(await entries.stream(parseFilter(filter), format));
}

export async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  // A chunk is valid until the next one is requested.
  for await (const chunk of chunks) text += Buffer.from(chunk).toString();
  return text;
}

/** @throws Error if the stream has no trailer */
export function parseStream(text: string): { readonly entries: readonly Entry[]; readonly trailer: DumpSummary } {
  const records = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry & { trailer: DumpSummary });
  const trailer = records.pop()?.trailer;
  if (!trailer) throw new Error('the stream has no trailer');
  return { entries: records, trailer };
}

/** The descriptor of this process for an open file. */
export async function descriptorOf(path: string): Promise<string | undefined> {
  const descriptors = await readdir('/proc/self/fd');
  const links = await Promise.all(descriptors.map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => '')));
  return descriptors[links.indexOf(path)];
}

/** Workers close their files shortly after they are told to. */
export async function isClosedSoon(path: string): Promise<boolean> {
  const deadline = Date.now() + 1_000;
  while ((await descriptorOf(path)) !== undefined) {
    if (Date.now() > deadline) return false;
    await sleep(5);
  }
  return true;
}
