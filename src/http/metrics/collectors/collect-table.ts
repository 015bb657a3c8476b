import type { KernelTable } from '../../../application/ports/kernel.ts';
import { describeTable, type ByteRange } from '../../../domain/table.ts';
import { gauge, labelled, type Collected, type Family } from '../family.ts';

/** Numbers that the kernel keeps: nothing here walks the table. */
export async function collectTable(kernel: KernelTable): Promise<Collected> {
  const { count, max, buckets, entriesPerBucket, averageChainLength, memory } = describeTable(await kernel.read());
  return {
    families: [
      // node_exporter's names and texts.
      gauge('node_nf_conntrack_entries', 'Number of currently allocated flow entries for connection tracking.', count),
      gauge('node_nf_conntrack_entries_limit', 'Maximum size of connection tracking table.', max),
      gauge('conntrack_api_buckets', 'Buckets of the hash table, of the host.', buckets),
      gauge('conntrack_api_load_factor', 'Entries by buckets: the figure often quoted, half of the true chain.', entriesPerBucket),
      gauge('conntrack_api_average_chain_length', 'Average length of a hash chain: every entry is in the table twice.', averageChainLength),
      gauge('conntrack_api_entry_object_bytes', 'Size of the kernel object of one entry, without its extensions.', memory.objectBytes),
      gauge('conntrack_api_buckets_memory_bytes', 'Memory of the hash table’s buckets.', memory.bucketsBytes),
      range('conntrack_api_entries_memory_bytes', 'Memory of the entries of all network namespaces, least and most', memory.entriesBytes),
      range('conntrack_api_full_memory_bytes', 'Memory of the entries when the table is full, least and most', memory.fullBytes),
    ],
    isComplete: [count, max, buckets].every((value) => value !== undefined),
  };
}

function range(name: string, help: string, bytes: ByteRange | undefined): Family {
  const samples = Object.entries(bytes ?? {}).map(([bound, value]: [string, number]) => ({ labels: { bound }, value }));
  return labelled('gauge', name, `${help} (extensions cannot be seen).`, samples);
}
