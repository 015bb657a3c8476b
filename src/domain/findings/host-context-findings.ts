import { hostEntries } from '../host-entries.ts';
import type { TableEvidence } from './table-evidence.ts';
import type { CheckedFinding } from './table-finding.ts';
import { percent } from './limit-findings.ts';

const SHARED_MIN = 1_024;
const SHARED_SHARE = 0.25;
const NAMED_MAX = 5;

const NEARLY_EMPTY = 1_000;
const NEARLY_EMPTY_USE = 0.01;
const SOCKETS_MIN = 100;
/** A connection within the host has two sockets and one entry. */
const SOCKETS_PER_ENTRY = 4;

/** Timeouts of other kinds of flow stay below this. */
const LONG_SECONDS = 3_600;
const IDLE_SECONDS = 43_200;
const ORPHANS_MIN = 100;
const ORPHANS_SHARE = 0.05;

/** Findings from other facts about the host, and from the entries in the last summary. */
export function ofHostContext(evidence: TableEvidence): readonly CheckedFinding[] {
  if (evidence.reading.namespace !== undefined) return [];
  return [...shared(evidence), ...(nothingTracked(evidence) ?? otherDatapath(evidence)), ...orphans(evidence)];
}

function shared({ reading, processors }: TableEvidence): readonly CheckedFinding[] {
  const { layout, count, object } = reading;
  const host = reading.host ?? hostEntries({ layout, count, active: object?.active, processors, named: { reason: '' } });
  if (host.total === undefined || count === undefined) return [];
  const elsewhere = host.total - count;
  if (elsewhere < Math.max(SHARED_MIN, SHARED_SHARE * count)) return [];
  const named = host.namespaces.slice(0, NAMED_MAX).map((namespace) => `${namespace.name} has ${namespace.count}`);
  return [
    {
      code: 'SHARED_WITH_NAMESPACES',
      level: 'information',
      message:
        `About ${elsewhere} entries are in other network namespaces: the kernel holds ${host.total}, ${count} of them here. ` +
        `${named.length > 0 ? `${named.join(', ')}. ` : ''}They share buckets and memory; max applies to each namespace separately.`,
      remedy: 'Size buckets for all of them together. GET /namespaces (with --namespaces) shows how many entries each has.',
      evidence: { count, hostEntries: host.total, ...(object?.active !== undefined && { activeObjects: object.active }) },
    },
  ];
}

/** `undefined` if there are entries, a rule enables tracking, or another datapath explains the empty table. */
function nothingTracked({ reading: { count }, hostContext, ruleUse }: TableEvidence): readonly CheckedFinding[] | undefined {
  if (count !== 0 || ruleUse === undefined || ruleUse === 'used' || (hostContext?.datapaths.length ?? 0) > 0) return undefined;
  const message =
    ruleUse === 'unused'
      ? 'The kernel tracks no connections: no rule in this network namespace uses conntrack.'
      : `The table has no entries. Whether a rule in this network namespace uses conntrack is unknown. ${ruleUse.unknown}`;
  return [
    {
      code: 'NOTHING_TRACKED',
      level: 'information',
      message,
      remedy:
        `To track all connections, ${ruleUse === 'unused' ? '' : 'if no rule does so yet, '}add one rule: nft 'table inet tracking { chain start { ct state new; }; }'. ` +
        'Its chain has no hook, so it matches no packet. "nft delete table inet tracking" removes it.',
      evidence: { count },
    },
  ];
}

function otherDatapath({ reading: { count, max }, hostContext }: TableEvidence): readonly CheckedFinding[] {
  if (count === undefined || !hostContext) return [];
  const { tcpSockets = 0, datapaths } = hostContext;
  const isNearlyEmpty = count < NEARLY_EMPTY && (max === undefined || max === 0 || count / max < NEARLY_EMPTY_USE);
  const isOutnumbered = tcpSockets >= SOCKETS_MIN && tcpSockets >= SOCKETS_PER_ENTRY * count;
  if (!isNearlyEmpty || (datapaths.length === 0 && !isOutnumbered)) return [];
  const sockets = isOutnumbered ? `, and ${tcpSockets} TCP sockets are open` : '';
  const likely =
    datapaths.length > 0
      ? `Likely ${datapaths.join(' and ')} tracks connections instead.`
      : 'Likely another datapath tracks them, or no rule in this network namespace enables tracking.';
  return [
    {
      code: 'OTHER_DATAPATH',
      level: 'information',
      message: `The table has only ${count} entries${sockets}. ${likely}`,
      remedy: 'Use the tools of that datapath (cilium bpf ct list, ovs-appctl dpctl/dump-conntrack); the limits here do not apply to it.',
      evidence: { count, ...(hostContext.tcpSockets !== undefined && { tcpSockets }) },
    },
  ];
}

/** Each packet resets the long timeout of an established TCP flow, so the remaining timeout shows how long the flow has been idle. */
function orphans({ seen }: TableEvidence): readonly CheckedFinding[] {
  const established = seen?.establishedSeconds;
  if (!seen || established === undefined) return [];
  const old = seen.timeouts.filter(
    ({ fromSeconds, belowSeconds }) =>
      fromSeconds >= LONG_SECONDS && belowSeconds !== undefined && belowSeconds <= established - IDLE_SECONDS,
  );
  const idle = old.reduce((sum, { entries }) => sum + entries, 0);
  if (idle < ORPHANS_MIN || idle < ORPHANS_SHARE * seen.entries) return [];
  const idleSeconds = established - Math.max(...old.map(({ belowSeconds = 0 }) => belowSeconds));
  return [
    {
      code: 'ORPHANED_ESTABLISHED',
      level: 'warning',
      message:
        `${idle} of ${seen.entries} entries (${percent(idle / seen.entries)}) have seen no packet for at least ${(idleSeconds / 3_600).toFixed(1)} h, ` +
        `as of ${Math.round(seen.ageSeconds)} s ago: most likely established TCP flows whose hosts are gone. They fill the table for tcp_timeout_established = ${established} s.`,
      remedy:
        `Lower tcp_timeout_established (RFC 5382: at least 7440 s). It applies to a flow from its next packet on, so delete the idle ones: ` +
        `POST /entries/delete with the filter "state=ESTABLISHED and timeout<${established - idleSeconds}".`,
      evidence: {
        idleEntries: idle,
        entries: seen.entries,
        idleSeconds,
        tcp_timeout_established: established,
        ageSeconds: seen.ageSeconds,
      },
    },
  ];
}
