/**
 * Named example bodies by operation id. Swagger UI offers the first one to send: it is a dry run where the operation has one, acknowledges no
 * risk, and on no host lowers a limit.
 */
export const BODY_EXAMPLES: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  changeSettings: {
    'Raise the limit': { settings: { max: 1_048_576, buckets: 262_144 }, reason: 'more connections', dryRun: true },
    'Raise the limit, also at the next boot': {
      settings: { max: 1_048_576, buckets: 262_144 },
      persist: true,
      reason: 'more connections',
      dryRun: true,
    },
    'Raise the limit, reverted unless confirmed within 120 s': {
      settings: { max: 1_048_576, buckets: 262_144 },
      persist: true,
      confirmWithinSeconds: 120,
      reason: 'more connections',
      dryRun: true,
    },
    'Persist the live values of max and buckets': { persist: true, dryRun: true },
    'Change a timeout': { settings: { tcp_timeout_established: 86_400 }, reason: 'idle connections for a day', dryRun: true },
  },
  unpersistSettings: {
    'Unpersist everything': { reason: 'set by another tool from now on', dryRun: true },
    'Unpersist one timeout': { settings: ['tcp_timeout_established'], dryRun: true },
  },
  configureDesired: {
    'Report when other programs change max or a timeout': { settings: { max: { atLeast: 65_536 }, udp_timeout: 30 } },
    'Keep max despite other programs': { settings: { max: { atLeast: 262_144 } }, onDrift: 'restore' },
    'Nothing is desired': { settings: {} },
  },
  configureGuard: {
    'Keep the guard off': { enabled: false },
    'Raise max by half at 80 %, up to a million entries': { enabled: true, raiseAt: 0.8, factor: 1.5, ceiling: 1_048_576 },
    'Also raise if the table fills within 10 minutes': { enabled: true, predictSeconds: 600, buckets: 'follow', persist: 'afterConfirm' },
  },
  loadModule: { 'Check whether the module would load': { reason: 'first boot', dryRun: true } },
  rollBackChange: {
    'Roll back': { reason: 'undo', dryRun: true },
    'Roll back, overwriting later changes': { reason: 'undo', force: true, dryRun: true },
  },
  rollBackTo: { 'Roll back everything after a change': { change: 1, reason: 'undo last night', dryRun: true } },
  confirmChange: { Confirm: { reason: 'still reachable' } },
  deleteEntries: {
    'Delete the flows of one source': { filter: 'source=192.0.2.10', dryRun: true },
    'Delete at most 100 idle UDP flows': { filter: 'protocol=udp and timeout<30', limit: 100, dryRun: true },
  },
  endConnections: {
    'End the connections of one source': { filter: 'source=192.0.2.10', dryRun: true },
    'End at most 100 connections to a port, blocked for 5 minutes': {
      filter: 'protocol=tcp and destinationPort=9',
      limit: 100,
      blockSeconds: 300,
      dryRun: true,
    },
  },
  flushEntries: { 'Delete every entry': { dryRun: true } },
  deleteEntry: { 'Delete the entry': { reason: 'stuck flow' } },
  updateEntries: {
    'Mark the flows of one source': {
      filter: 'source=192.0.2.10',
      mark: 16,
      markMask: 255,
      reason: 'through the second uplink',
      dryRun: true,
    },
    'Label at most 100 flows': { filter: 'protocol=tcp and destinationPort=443', addLabels: [5], limit: 100, dryRun: true },
    'End idle UDP flows soon': { filter: 'protocol=udp', timeoutSeconds: 30, dryRun: true },
  },
  updateEntry: {
    'Set bits of the mark': { mark: 16, markMask: 255, reason: 'through the second uplink', dryRun: true },
    'Keep a flow for an hour': { timeoutSeconds: 3_600, dryRun: true },
    'Replace the labels': { labels: [3, 64], dryRun: true },
  },
  createToken: { 'A token that reads the table': { name: 'monitoring', scopes: ['table:read'] } },
  createWebhook: {
    'Every event': { url: 'https://receiver.example/conntrack' },
    'Drift and findings': {
      url: 'https://receiver.example/conntrack',
      types: ['io.conntrack-api.drift.detected', 'io.conntrack-api.finding.raised', 'io.conntrack-api.finding.cleared'],
    },
  },
  rotateToken: { 'Keep the old token valid for an hour': { overlapSeconds: 3_600 } },
};
