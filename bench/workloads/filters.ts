import { BUSIEST_SOURCE } from '../../test/support/entry-factory-mix.ts';
import { ratioRow, type Comparison } from '../harness/workload.ts';
import { program } from './contenders.ts';
import { entriesWhere, NDJSON } from '../harness/paths.ts';

export const SOURCE_FILTER = `source=${BUSIEST_SOURCE}`;
export const PORT_FILTER = 'protocol=tcp and destinationPort=22';
export const LIST_OF_SOURCE = ['conntrack', '-L', '-s', BUSIEST_SOURCE] as const;
export const LIST_OF_PORT = ['conntrack', '-L', '-p', 'tcp', '--dport', '22'] as const;

export const oneSource = filtered('one-source', 'entries of one IPv4 source', SOURCE_FILTER, LIST_OF_SOURCE, 0.12);
export const onePort = filtered('one-port', 'entries of one destination port', PORT_FILTER, LIST_OF_PORT, 0.15);

function filtered(name: string, what: string, filter: string, list: readonly [string, ...string[]], limit: number): Comparison {
  const theirs = list.join(' ');
  return {
    name,
    contenders: { [what]: ({ service }) => service.costOf(entriesWhere(filter), NDJSON), [theirs]: program(...list) },
    rows: [ratioRow(what, 'cpuSeconds', [what, theirs], limit), ratioRow(what, 'wallSeconds', [what, theirs], limit)],
  };
}
