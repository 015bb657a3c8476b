import type { KernelTable } from '../../../application/ports/kernel.ts';
import { describeTable, type ByteRange } from '../../../domain/table.ts';
import { gauge, labelled, type Collected, type Family } from '../family.ts';

/** Numbers that the kernel maintains. Walks the table only where the kernel has no count, and at most every 10 s. */
export async function collectTable(kernel: KernelTable): Promise<Collected> {
  const { count, max, buckets, hostEntries, entriesPerBucket, averageChainLength, memory } = describeTable(await kernel.read());
  return {
    families: [
      // Names and help texts of node_exporter.
      gauge('node_nf_conntrack_entries', 'Number of currently allocated flow entries for connection tracking.', count),
      gauge('node_nf_conntrack_entries_limit', 'Maximum size of connection tracking table.', max),
      gauge('conntrack_api_buckets', 'Buckets of the hash table, which all network namespaces share.', buckets),
      gauge('conntrack_api_host_entries', 'Entries of all network namespaces, which share the buckets. Absent if unknown.', hostEntries),
      gauge(
        'conntrack_api_load_factor',
        'Entries of all network namespaces / buckets, as often quoted. It is half of the average chain length.',
        entriesPerBucket,
      ),
      gauge(
        'conntrack_api_average_chain_length',
        'Average length of a hash chain: 2 x entries of all network namespaces / buckets, because every entry is in the table twice.',
        averageChainLength,
      ),
      gauge('conntrack_api_entry_object_bytes', 'Size in bytes of the kernel object of one entry, without extensions.', memory.objectBytes),
      gauge('conntrack_api_buckets_memory_bytes', 'Memory of the hash table buckets in bytes.', memory.bucketsBytes),
      range(
        'conntrack_api_entries_memory_bytes',
        'Memory of the entries of all network namespaces in bytes: minimum without and maximum with all extensions',
        memory.entriesBytes,
      ),
      range(
        'conntrack_api_full_memory_bytes',
        'Memory of the entries of a full table in bytes: minimum without and maximum with all extensions',
        memory.fullBytes,
      ),
    ],
    isComplete: [count, max, buckets].every((value) => value !== undefined),
  };
}

function range(name: string, help: string, bytes: ByteRange | undefined): Family {
  const samples = Object.entries(bytes ?? {}).map(([bound, value]: [string, number]) => ({ labels: { bound }, value }));
  return labelled('gauge', name, `${help}.`, samples);
}
