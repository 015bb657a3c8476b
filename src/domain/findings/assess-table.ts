import { FINDING_LEVELS } from '../finding-definition.ts';
import { ofBoot } from './boot-findings.ts';
import { ofCounters } from './counter-findings.ts';
import { ofLimits } from './limit-findings.ts';
import { ofHostContext } from './host-context-findings.ts';
import type { TableEvidence } from './table-evidence.ts';
import type { NotChecked, TableFindings } from './table-finding.ts';

const OTHER_NAMESPACE = 'Only the service’s own network namespace is sampled.';
const NO_PASS =
  'It needs a pass over the table, which is made on request only: ask GET /entries/summary without a filter, and again here within 15 minutes.';

/** What is remarkable about the table, and what to do; says too what it could not look at. */
export function assessTable(evidence: TableEvidence): TableFindings {
  const findings = [...ofLimits(evidence.reading), ...ofCounters(evidence), ...ofHostContext(evidence), ...ofBoot(evidence)];
  const rank = ({ level }: (typeof findings)[number]): number => -FINDING_LEVELS.indexOf(level);
  return { findings: findings.sort((a, b) => rank(a) - rank(b)), notChecked: notChecked(evidence) };
}

function notChecked({ reading, lately, notLately, hostContext, seen, boot, notBoot }: TableEvidence): readonly NotChecked[] {
  const { namespace, count, max, buckets, object } = reading;
  const elsewhere = namespace === undefined ? undefined : OTHER_NAMESPACE;
  const gaps: readonly (NotChecked | false)[] = [
    (count === undefined || max === undefined) && { codes: ['TABLE_NEARLY_FULL'], reason: 'count or max cannot be read.' },
    (max === undefined || buckets === undefined) && { codes: ['CHAIN_LIMIT_AT_MAX'], reason: 'max or buckets cannot be read.' },
    !lately && {
      codes: ['EARLY_DROPS', 'DROPS', 'CHAIN_TOO_LONG', 'INSERT_FAILED', 'INVALID_STORM'],
      reason: elsewhere ?? notLately ?? 'There are no earlier readings of the counters.',
    },
    !seen && { codes: ['ORPHANED_ESTABLISHED'], reason: elsewhere ?? NO_PASS },
    seen !== undefined &&
      seen.establishedSeconds === undefined && { codes: ['ORPHANED_ESTABLISHED'], reason: 'tcp_timeout_established cannot be read.' },
    (elsewhere !== undefined || count === undefined || object?.active === undefined) && {
      codes: ['SHARED_WITH_NAMESPACES'],
      reason: elsewhere ?? 'How many entries all namespaces have together can be read from /proc/slabinfo only, by root.',
    },
    (elsewhere !== undefined || !hostContext || (hostContext.tcpSockets === undefined && hostContext.datapaths.length === 0)) && {
      codes: ['OTHER_DATAPATH'],
      reason: elsewhere ?? 'The number of sockets cannot be read.',
    },
    !boot && { codes: ['REBOOT_WOULD_CHANGE'], reason: elsewhere ?? notBoot ?? 'The next boot was not looked at.' },
  ];
  return gaps.filter((gap) => gap !== false);
}
