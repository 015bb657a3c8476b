import type { OverridingLine } from './overriding-line.ts';

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
] as const;
export type RiskCode = (typeof RISK_CODES)[number];

/** Something an operator should know before a change is made. */
export interface Risk {
  readonly code: RiskCode;
  readonly level: RiskLevel;
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

/** Persisting what another file overrides gives a false sense of safety. */
export function overriddenAtBoot({ setting, path, line, value }: OverridingLine): Risk {
  return risk('OVERRIDDEN_AT_BOOT', 'acknowledge', setting, `${path}, line ${line}, is read later and sets ${setting} to ${value}.`);
}

export function risk(code: RiskCode, level: RiskLevel, setting: string, message: string): Risk {
  return { code, level, setting, message };
}
