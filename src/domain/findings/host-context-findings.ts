import type { TableEvidence } from './table-evidence.ts';
import type { CheckedFinding } from './table-finding.ts';
import { percent } from './limit-findings.ts';

/** The slab counts objects as in use that processors hold ready. */
const SLACK_PER_PROCESSOR = 128;
const PROCESSORS_ASSUMED = 64;
const SHARED_MIN = 1_024;
const SHARED_SHARE = 0.25;

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

/** What follows from what is beside the table, and from what its entries were when they were last looked at. */
export function ofHostContext(evidence: TableEvidence): readonly CheckedFinding[] {
  if (evidence.reading.namespace !== undefined) return [];
  return [...shared(evidence), ...otherDatapath(evidence), ...orphans(evidence)];
}

function shared({ reading: { count, object }, processors = PROCESSORS_ASSUMED }: TableEvidence): readonly CheckedFinding[] {
  const active = object?.active;
  if (active === undefined || count === undefined) return [];
  const elsewhere = active - count;
  if (elsewhere < Math.max(SHARED_MIN, SLACK_PER_PROCESSOR * processors, SHARED_SHARE * count)) return [];
  return [
    {
      code: 'SHARED_WITH_NAMESPACES',
      level: 'information',
      message:
        `About ${elsewhere} entries are in other network namespaces: the kernel holds ${active}, ${count} of them here. ` +
        'They share buckets and memory; max is held against each namespace by itself.',
      remedy: 'Size buckets for all of them together. GET /namespaces (with --namespaces) shows who has how many.',
      evidence: { count, activeObjects: active },
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
      : 'Likely another datapath tracks them, or no rule in this network namespace asks for tracking.';
  return [
    {
      code: 'OTHER_DATAPATH',
      level: 'information',
      message: `The table has only ${count} entries${sockets}. ${likely}`,
      remedy: 'See that datapath’s own tools (cilium bpf ct list, ovs-appctl dpctl/dump-conntrack); the limits here do not hold for it.',
      evidence: { count, ...(hostContext.tcpSockets !== undefined && { tcpSockets }) },
    },
  ];
}

/** An established TCP flow starts from its long timeout with each packet: what is left of it tells how long it has been idle. */
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
        `as of ${Math.round(seen.ageSeconds)} s ago: most likely established TCP flows whose ends are gone, kept for tcp_timeout_established = ${established} s.`,
      remedy:
        `Lower tcp_timeout_established (RFC 5382: at least 7440 s). A flow takes it over with its next packet, so delete the idle ones: ` +
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
