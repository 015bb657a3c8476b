/** What this page uses of the API's answers. What the host cannot tell is absent. */
export interface Answered {
  /** Another kernel tree than this host's is shown. */
  readonly simulated?: true;
}

export type Scope =
  'table:read' | 'entries:read' | 'entries:delete' | 'settings:write' | 'settings:persist' | 'changes:read' | 'tokens:admin';

export interface Whoami extends Answered {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: string | null;
}

export interface Finding {
  readonly code: string;
  readonly level: string;
  readonly message: string;
  readonly remedy?: string;
}

export interface ByteRange {
  readonly minimum: number;
  readonly maximum: number;
}

export interface Unavailable {
  readonly field: string;
  readonly detail: string;
  readonly remedy?: string;
}

export interface Table extends Answered {
  readonly layout: string;
  readonly count?: number;
  /** 0: unlimited. */
  readonly max?: number;
  readonly buckets?: number;
  readonly utilisation?: number;
  readonly averageChainLength?: number;
  readonly memory: { readonly entriesBytes?: ByteRange; readonly fullBytes?: ByteRange; readonly bucketsBytes?: number };
  readonly unavailable: readonly Unavailable[];
  /** Absent where this version of the service reports none. */
  readonly findings?: readonly Finding[];
  /** What could not be looked for: that it is missing among the findings says nothing. */
  readonly notChecked?: readonly { readonly codes: readonly string[]; readonly reason: string }[];
}

export interface Sample {
  /** Where the period begins. */
  readonly at: string;
  readonly count?: number;
  readonly countPeak?: number;
  readonly max?: number;
  /** By how much each counter grew within `seconds`. */
  readonly increments?: Readonly<Record<string, number>>;
  readonly seconds?: number;
}

export interface Forecast {
  readonly secondsToFull?: number;
  readonly reason?: string;
}

export interface History extends Answered {
  readonly from: string;
  readonly to: string;
  readonly stepSeconds: number;
  readonly samples: readonly Sample[];
  readonly peak?: { readonly count: number; readonly at: string };
  readonly forecast?: Forecast;
}

export interface Drift {
  readonly from: number;
  readonly changeId: number;
  readonly seenAt: string;
  readonly evidence: string | null;
}

export interface AtNextBoot {
  readonly value?: number;
  readonly origin: string;
}

export interface Setting {
  readonly name: string;
  readonly key: string;
  readonly value?: number;
  readonly unreadable?: string;
  readonly persisted?: number;
  readonly atNextBoot?: AtNextBoot;
  readonly unit: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly scope: 'host' | 'namespace';
  readonly description: string;
  readonly writable: boolean;
  readonly notWritable?: string;
  readonly drift?: Drift;
}

export interface SettingList extends Answered {
  readonly layout: string;
  readonly items: readonly Setting[];
}

export interface BootDifference {
  readonly name: string;
  readonly live?: number;
  readonly atNextBoot?: number;
}

export interface BootResult extends Answered {
  readonly differences?: readonly BootDifference[];
  readonly findings?: readonly Finding[];
}

export interface SummaryRow {
  readonly source?: string;
  readonly destination?: string;
  readonly protocol?: string;
  readonly destinationPort?: number;
  readonly state?: string;
  readonly entries: number;
  readonly error?: number;
}

export interface KeySummary {
  readonly by: string;
  readonly distinct: number;
  readonly exact: boolean;
  readonly top: readonly SummaryRow[];
  readonly other: { readonly entries: number };
  readonly without: { readonly entries: number };
}

export interface EntrySummary extends Answered {
  readonly entries: number;
  readonly keys: readonly KeySummary[];
  readonly summary: { readonly outcome: string; readonly scanned: number; readonly source: string; readonly reason?: string };
}

export interface ChangedSetting {
  readonly name: string;
  readonly before: number;
  readonly requested: number;
  /** null: could not be read; absent: pending. */
  readonly after?: number | null;
}

export interface ChangedFile {
  readonly path: string;
  readonly before: string | null;
  readonly after?: string | null;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
}

export interface Change extends Answered {
  readonly id: number;
  readonly kind: string;
  readonly outcome: string;
  readonly actor: { readonly name: string; readonly peer: string };
  readonly reason: string | null;
  readonly startedAt: string;
  readonly settings: readonly ChangedSetting[];
  readonly files: readonly ChangedFile[];
  readonly rollbackOf: number | null;
  readonly relatesTo: number | null;
  readonly confirmBy?: string;
  readonly confirmWithinSeconds?: number;
  readonly persistAtConfirmation?: boolean;
  readonly deletion?: { readonly what: string; readonly filter: string | null; readonly deletedCount?: number };
  readonly failure?: Failure;
  readonly restoreFailure?: Failure;
}

export interface ChangePage extends Answered {
  readonly items: readonly Change[];
  readonly nextCursor?: string;
}

export interface Risk {
  readonly code: string;
  readonly level: 'information' | 'warning' | 'acknowledge' | 'refused';
  readonly setting: string;
  readonly message: string;
}

export interface Plan extends Answered {
  readonly steps: readonly { readonly name: string; readonly before: number; readonly requested: number; readonly expected: number }[];
  readonly files: readonly ChangedFile[];
  readonly atNextBoot: Readonly<Record<string, number>>;
  readonly risks: readonly Risk[];
}
