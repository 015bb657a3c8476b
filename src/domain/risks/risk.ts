import type { FindingDefinition, LevelOf } from '../finding-definition.ts';

/** `acknowledge`: applied only if the request acknowledges the code; `refused`: never applied. */
export const RISK_LEVELS = ['information', 'warning', 'acknowledge', 'refused'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

/** Risks of a change. A new code needs an entry here and a rule in setting-risks.ts or next-boot-risks.ts. */
export const RISKS = {
  LOAD_MAY_CRASH: {
    levels: ['refused'],
    meaning:
      'With the files of this change, connection tracking would get `hashsize` twice when it is loaded. Before Linux 4.19 the kernel may then crash, at every boot.',
    remedy: 'Remove the other line that the message names, then persist.',
  },
  MODULE_NOT_LOADED: {
    levels: ['warning'],
    meaning: 'Connection tracking is not loaded, so there are no live values to change: only the boot files are written.',
    remedy: 'Nothing, if the values are meant for the next boot. `POST /api/v1/module/load` loads it now.',
  },
  MAX_UNLIMITED: {
    levels: ['refused'],
    meaning: '`max` would be 0, which means no limit: a flood of new flows can exhaust memory.',
    remedy: 'Set a limit. `GET /api/v1/table/sizing` recommends one.',
  },
  MAX_BELOW_COUNT: {
    levels: ['acknowledge'],
    meaning:
      '`max` would be below the number of entries now, in the network namespace of the service or in another one, which the message names: the kernel accepts no new flow there, SSH included, until enough entries have expired.',
    remedy: 'Set `max` above count, or reduce the entries first.',
  },
  MAX_BELOW_COUNT_UNKNOWN: {
    levels: ['warning', 'acknowledge'],
    meaning:
      '`max` would be lowered. It applies to each network namespace, and not every namespace can be counted separately: `acknowledge` if those that are not have more entries together than the new `max`, `warning` if their number is unknown.',
    remedy: 'Start the service with `--namespaces`, or check the counts of containers manually.',
  },
  MAX_BELOW_COUNT_UNCONFIRMED: {
    levels: ['acknowledge'],
    meaning:
      '`max` would be below the number of entries now, and the change has no confirmation window: if it locks you out, nothing reverts it.',
    remedy: 'Add `confirmWithinSeconds`.',
  },
  MAX_NEAR_COUNT: {
    levels: ['warning'],
    meaning: '`max` would be less than 1.25 × the number of entries now: the table would be more than 80 % full.',
    remedy: 'Choose a higher `max`. `GET /api/v1/table/sizing` recommends one.',
  },
  MAX_MEMORY: {
    levels: ['acknowledge', 'refused'],
    meaning: 'A full table could take more than 25 % (`acknowledge`) or 60 % (`refused`) of memory.',
    remedy: 'Choose a lower `max`, or add memory.',
  },
  MAX_MEMORY_UNKNOWN: {
    levels: ['warning'],
    meaning: 'The memory of the host cannot be read, so the share that a full table would take is unknown.',
    remedy: 'Check it manually: a full table takes up to 512 bytes per entry.',
  },
  BUCKETS_MEMORY: {
    levels: ['refused'],
    meaning: 'The hash table would take more than 10 % of the memory available now, and more during the resize.',
    remedy: 'Choose fewer buckets.',
  },
  BUCKETS_ROUNDED: {
    levels: ['information'],
    meaning: 'The kernel rounds `buckets` up to whole pages; the message has the resulting number.',
    remedy: 'Nothing.',
  },
  CHAIN_LENGTH: {
    levels: ['warning', 'acknowledge'],
    meaning:
      'There would be more than 2 entries per bucket at `max`: chains are long, and kernels since 5.15 refuse new flows whose chain is too long. `acknowledge` above 4, if the change makes it worse.',
    remedy: 'Raise `buckets` too, to the number in the message.',
  },
  RESIZE_STALL: {
    levels: ['acknowledge'],
    meaning:
      'The table has more than 100,000 entries in all network namespaces together. While they move to the new hash table, all tracked traffic of the host stops; the message has the estimated time.',
    remedy: 'Make the change in a maintenance window.',
  },
  RESIZE_UNKNOWN_COUNT: {
    levels: ['warning'],
    meaning: 'The number of entries of all network namespaces cannot be read, so the time for which the resize stops traffic is unknown.',
    remedy: 'Make the change in a maintenance window.',
  },
  TIMEOUT_BELOW_RFC5382: {
    levels: ['warning', 'acknowledge'],
    meaning:
      '`tcp_timeout_established` would be below 7440 s (RFC 5382): idle TCP flows are forgotten, and their next packet may be dropped. `acknowledge` below 60 s.',
    remedy: 'Choose at least 7440 s.',
  },
  OVERRIDDEN_AT_BOOT: {
    levels: ['acknowledge'],
    meaning: 'Another line, which the message names, overrides the persisted value at the next boot.',
    remedy: 'Change or remove that line, or send `"persistLast": true` if the message recommends it.',
  },
  OTHER_WRITER: {
    levels: ['warning'],
    meaning:
      'Another program, which the message names, sets the setting too, and is enabled or running: tuned, ufw, kube-proxy, a unit and others. It may set its own value again when it starts, or at any time.',
    remedy: 'Set the same value in the configuration of that program, or only there.',
  },
  LOST_AT_BOOT: {
    levels: ['acknowledge'],
    meaning:
      'No other line overrides the persisted value, and it is lost at the next boot all the same, for example because the module loads late or fails to load.',
    remedy: 'Correct what the message names. `GET /api/v1/boot` shows the details.',
  },
  BOOT_NOT_KNOWN: {
    levels: ['warning'],
    meaning: 'Whether the persisted value is in effect after the next boot is unknown.',
    remedy: '`GET /api/v1/boot` shows why.',
  },
  BUCKETS_NEED_COMMAND_LINE: {
    levels: ['acknowledge'],
    meaning: 'This kernel has connection tracking built in and sets the number of buckets at boot only, from its command line.',
    remedy: 'Add the argument in the message to the kernel command line.',
  },
  BOOT_FILE_EDITED: {
    levels: ['acknowledge'],
    meaning: 'A file that this service manages was edited and would be replaced. The journal keeps the edited file for a rollback.',
    remedy: 'Move the edited lines to another file, or acknowledge their loss.',
  },
} as const satisfies Record<string, FindingDefinition<RiskLevel>>;

export type RiskCode = keyof typeof RISKS;

export const RISK_CODES = Object.keys(RISKS) as readonly RiskCode[];

/** Something an operator should know before a change is applied. */
export interface Risk {
  readonly code: RiskCode;
  readonly level: RiskLevel;
  /** Empty if it concerns a file. */
  readonly setting: string;
  readonly message: string;
}

/** Risks of a lasting state, as opposed to those of the moment of the change. */
const LASTING: readonly RiskCode[] = ['CHAIN_LENGTH', 'MAX_MEMORY', 'TIMEOUT_BELOW_RFC5382'];

/** An earlier state may always be restored: a lasting risk becomes a warning, an immediate one needs an acknowledgement. */
export function whenRestoring(risk: Risk): Risk {
  if (risk.level !== 'refused' && risk.level !== 'acknowledge') return risk;
  return { ...risk, level: LASTING.includes(risk.code) ? 'warning' : 'acknowledge' };
}

export function risk<Code extends RiskCode>(code: Code, level: LevelOf<typeof RISKS, Code>, setting: string, message: string): Risk {
  return { code, level, setting, message };
}
