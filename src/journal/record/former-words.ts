/**
 * Records keep the words that they were written with, because they are hashed. These tables map the words of releases before 0.2 to the
 * current ones. The only other mapping is in migration 0004, for the columns that SQL searches by.
 */
const FORMER_NAMES: Readonly<Record<string, string>> = {
  rollsBack: 'rollbackOf',
  concerns: 'relatesTo',
  later: 'persistLast',
  zoneOriginal: 'originalZone',
  zoneReply: 'replyZone',
  undoFailure: 'restoreFailure',
};

const FORMER_VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kind: { rearm: 'window-extended', reversion: 'auto-revert', external: 'drift' },
  outcome: {
    unrestored: 'restore-failed',
    mismatch: 'not-effective',
    'observed-requested': 'recovered-applied',
    'observed-before': 'recovered-unchanged',
  },
  code: {
    STATE_MOVED: 'STATE_CHANGED',
    BOOT_MOVED: 'BOOT_RESULT_CHANGED',
    COUNT_MOVED: 'COUNT_MISMATCH',
    BOOT_FILE_MOVED: 'BOOT_FILE_CHANGED',
    BOOT_FILE_FOREIGN: 'BOOT_FILE_NOT_MANAGED',
    HOST_UNRESTORED: 'RESTORE_FAILED',
  },
};

/** The name, current or former, under which a stored object has the field that is now called `name`. */
export function storedName(fields: Readonly<Record<string, unknown>>, name: string): string {
  if (Object.hasOwn(fields, name)) return name;
  return Object.keys(FORMER_NAMES).find((former) => FORMER_NAMES[former] === name && Object.hasOwn(fields, former)) ?? name;
}

/** The current word for a stored value of the field `name`. */
export function currentValue(name: string, text: string): string {
  return FORMER_VALUES[name]?.[text] ?? text;
}
