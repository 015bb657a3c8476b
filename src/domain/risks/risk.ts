export const RISK_LEVELS = ['information', 'warning', 'acknowledge', 'refused'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

export const RISK_CODES = [
  'MAX_UNLIMITED',
  'MAX_BELOW_COUNT',
  'MAX_BELOW_COUNT_UNCONFIRMED',
  'MAX_NEAR_COUNT',
  'MAX_MEMORY',
  'MAX_MEMORY_UNKNOWN',
  'BUCKETS_MEMORY',
  'BUCKETS_ROUNDED',
  'CHAIN_LENGTH',
  'RESIZE_STALL',
  'RESIZE_UNKNOWN_COUNT',
  'TIMEOUT_BELOW_RFC5382',
  'OVERRIDDEN_AT_BOOT',
  'LOST_AT_BOOT',
  'BOOT_NOT_KNOWN',
  'BUCKETS_NEED_COMMAND_LINE',
  'BOOT_FILE_EDITED',
] as const;
export type RiskCode = (typeof RISK_CODES)[number];

/** Something an operator should know before a change is made. */
export interface Risk {
  readonly code: RiskCode;
  readonly level: RiskLevel;
  /** Empty where it is about a file. */
  readonly setting: string;
  readonly message: string;
}

/** Risks of a state that stands, as opposed to those of the moment in which it is brought about. */
const STANDING: readonly RiskCode[] = ['CHAIN_LENGTH', 'MAX_MEMORY', 'TIMEOUT_BELOW_RFC5382'];

/** What was there before may be restored: where it lasts it is only warned of, where it strikes at once it needs an acknowledgement. */
export function whenRestoring(risk: Risk): Risk {
  if (risk.level !== 'refused' && risk.level !== 'acknowledge') return risk;
  return { ...risk, level: STANDING.includes(risk.code) ? 'warning' : 'acknowledge' };
}

export function risk(code: RiskCode, level: RiskLevel, setting: string, message: string): Risk {
  return { code, level, setting, message };
}
