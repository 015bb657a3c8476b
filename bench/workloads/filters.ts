import { BUSIEST_SOURCE } from '../../test/support/entry-factory-mix.ts';
import { ratioRow, type Comparison } from '../harness/workload.ts';
import { program, rawFloor } from './contenders.ts';
import { entriesWhere, NDJSON } from '../harness/paths.ts';

export const SOURCE_FILTER = `source=${BUSIEST_SOURCE}`;
export const PORT_FILTER = 'protocol=tcp and destinationPort=22';
export const LIST_OF_SOURCE = ['conntrack', '-L', '-s', BUSIEST_SOURCE] as const;
export const LIST_OF_PORT = ['conntrack', '-L', '-p', 'tcp', '--dport', '22'] as const;

export const oneSource = filtered('one-source', 'entries of one IPv4 source', SOURCE_FILTER, LIST_OF_SOURCE);
export const onePortOfFamily = filtered('one-port-of-family', 'entries of one destination port, IPv4', `family=ipv4 and ${PORT_FILTER}`, [
  ...LIST_OF_PORT,
  '-f',
  'ipv4',
]);
export const onePort = filtered('one-port', 'entries of one destination port', PORT_FILTER, LIST_OF_PORT);

/** Compared with the kernel's own cost for the same kernel filters, and with the command that operators use. */
function filtered(name: string, what: string, filter: string, list: readonly [string, ...string[]]): Comparison {
  const [theirs, floor] = [list.join(' '), `raw receive, ${filter}`];
  return {
    name,
    contenders: {
      [what]: ({ service }) => service.costOf(entriesWhere(filter), NDJSON),
      [floor]: (stage) => rawFloor(stage, filter),
      [theirs]: program(...list),
    },
    rows: [ratioRow(what, 'cpuSeconds', [what, floor], 1.1), ratioRow(what, 'wallSeconds', [what, theirs], 0.2)],
  };
}
