import { ratioRow, type Comparison } from '../harness/workload.ts';
import { program } from './contenders.ts';

const OURS = 'summary by source, state and port';
const THEIRS = 'conntrack -L, awk, sort';
const SUMMARY = '/api/v1/entries/summary?by=source,state,destinationPort&top=10';

/** The cheapest way in a shell: one pass of awk over one list, for all keys. Lines of flows without a state have one column fewer. */
const COUNT_BY_KEY = `
  $4 ~ /^src=/ { source = $4; port = $7 }
  $4 !~ /^src=/ { states[$4]++; source = $5; port = $8 }
  { sources[source]++; if (port ~ /^dport=/) ports[port]++ }
  END {
    for (key in sources) print "source", sources[key], key
    for (key in states) print "state", states[key], key
    for (key in ports) print "port", ports[key], key
  }`;
const PIPELINE = `conntrack -L 2>/dev/null | awk '${COUNT_BY_KEY}' | sort -k1,1 -k2,2nr | awk 'seen[$1]++ < 10'`;

export const summary: Comparison = {
  name: 'summary',
  contenders: { [OURS]: ({ service }) => service.costOf(SUMMARY, 'application/json'), [THEIRS]: program('sh', '-c', PIPELINE) },
  rows: [ratioRow(OURS, 'cpuSeconds', [OURS, THEIRS], 0.45), ratioRow(OURS, 'wallSeconds', [OURS, THEIRS], 0.35)],
};
