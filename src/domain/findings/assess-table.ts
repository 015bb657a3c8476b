import { FINDING_LEVELS } from '../finding-definition.ts';
import { ofBoot } from './boot-findings.ts';
import { ofCounters } from './counter-findings.ts';
import { ofLimits } from './limit-findings.ts';
import { ofHostContext } from './host-context-findings.ts';
import type { TableEvidence } from './table-evidence.ts';
import type { NotChecked, TableFindings } from './table-finding.ts';

const OTHER_NAMESPACE = 'The service samples only its own network namespace.';
const NO_PASS =
  'This check needs a pass over the table, which only runs on request. Run GET /entries/summary without a filter, then repeat this request within 15 minutes.';

/** The problems with the table and their remedies, and the checks that could not run. */
export function assessTable(evidence: TableEvidence): TableFindings {
  const findings = [...ofLimits(evidence), ...ofCounters(evidence), ...ofHostContext(evidence), ...ofBoot(evidence)];
  const rank = ({ level }: (typeof findings)[number]): number => -FINDING_LEVELS.indexOf(level);
  return { findings: findings.sort((a, b) => rank(a) - rank(b)), notChecked: notChecked(evidence) };
}

function notChecked({ reading, recent, notRecent, hostContext, seen, boot, noBoot }: TableEvidence): readonly NotChecked[] {
  const { namespace, count, max, buckets, object, host } = reading;
  const notSampled = namespace === undefined ? undefined : OTHER_NAMESPACE;
  const gaps: readonly (NotChecked | false)[] = [
    (notSampled !== undefined || count === undefined) && { codes: ['NOTHING_TRACKED'], reason: notSampled ?? 'count cannot be read.' },
    (count === undefined || max === undefined) && { codes: ['TABLE_NEARLY_FULL'], reason: 'count or max cannot be read.' },
    (max === undefined || buckets === undefined) && { codes: ['CHAIN_LIMIT_AT_MAX'], reason: 'max or buckets cannot be read.' },
    !recent && {
      codes: ['EARLY_DROPS', 'DROPS', 'CHAIN_TOO_LONG', 'INSERT_FAILED', 'INVALID_STORM'],
      reason: notSampled ?? notRecent ?? 'There are no earlier readings of the counters.',
    },
    !seen && { codes: ['ORPHANED_ESTABLISHED'], reason: notSampled ?? NO_PASS },
    seen !== undefined &&
      seen.establishedSeconds === undefined && { codes: ['ORPHANED_ESTABLISHED'], reason: 'tcp_timeout_established cannot be read.' },
    (notSampled !== undefined || count === undefined || (host ? host.total : object?.active) === undefined) && {
      codes: ['SHARED_WITH_NAMESPACES'],
      reason:
        notSampled ?? 'The number of entries of all namespaces can be read only from the list of slabs, by root, or with --namespaces.',
    },
    (host?.notRead !== undefined || max === undefined) && {
      codes: ['NAMESPACE_NEARLY_FULL'],
      reason: host?.notRead ?? 'max cannot be read.',
    },
    (notSampled !== undefined || !hostContext || (hostContext.tcpSockets === undefined && hostContext.datapaths.length === 0)) && {
      codes: ['OTHER_DATAPATH'],
      reason: notSampled ?? 'The number of sockets cannot be read.',
    },
    !boot && { codes: ['REBOOT_WOULD_CHANGE'], reason: notSampled ?? noBoot ?? 'The next boot was not resolved.' },
  ];
  return gaps.filter((gap) => gap !== false);
}
