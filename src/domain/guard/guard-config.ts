export const GUARD_BUCKETS = ['keep', 'follow'] as const;
export const GUARD_PERSIST = ['never', 'afterConfirm'] as const;

/** What the capacity guard may do. Replaced as a whole. */
export interface GuardConfig {
  readonly enabled: boolean;
  /** Utilisation (count / max) from which `max` is raised. */
  readonly raiseAt: number;
  /** `max` is also raised if the forecast fills the table within this time. 0: the forecast is not used. */
  readonly predictSeconds: number;
  /** The new `max` is the old one times this. */
  readonly factor: number;
  /** `max` is never raised above this. `null`: only `memoryShare` limits it. */
  readonly ceiling: number | null;
  /** Share of the memory of the host that a full table may take. */
  readonly memoryShare: number;
  /** Least time between two raises. */
  readonly cooldownSeconds: number;
  /** `follow`: raise `buckets` too where chains would become too long and the resize does not stop traffic noticeably. */
  readonly buckets: (typeof GUARD_BUCKETS)[number];
  /** `afterConfirm`: a person can confirm a raise, which writes it to the boot files. */
  readonly persist: (typeof GUARD_PERSIST)[number];
}

export const GUARD_DEFAULTS: GuardConfig = {
  enabled: false,
  raiseAt: 0.8,
  predictSeconds: 0,
  factor: 1.5,
  ceiling: null,
  memoryShare: 0.25,
  cooldownSeconds: 60,
  buckets: 'keep',
  persist: 'never',
};

/** Both ends included. A table may never take more than 60 % of memory, whoever raises max (risk MAX_MEMORY). */
export const GUARD_RANGES = {
  raiseAt: [0.5, 0.99],
  predictSeconds: [0, 86_400],
  factor: [1.01, 8],
  ceiling: [1, 2_147_483_647],
  memoryShare: [0.01, 0.6],
  cooldownSeconds: [1, 86_400],
} as const satisfies Partial<Record<keyof GuardConfig, readonly [number, number]>>;

export const GUARD_LIMITS = ['ceiling', 'memoryShare', 'chainLength', 'kernel'] as const;

/** What `max` may not exceed. */
export type GuardLimit = (typeof GUARD_LIMITS)[number];

export const GUARD_TRIGGERS = ['raiseAt', 'predictSeconds'] as const;

/** Why the guard raised `max`, recorded with the change. */
export interface GuardEvidence {
  readonly trigger: (typeof GUARD_TRIGGERS)[number];
  readonly count: number;
  readonly max: number;
  /** Of the forecast; absent if there is none. */
  readonly secondsToFull?: number;
  /** The lowest of the limits, and which one it is. */
  readonly limit: number;
  readonly limitedBy: GuardLimit;
  /** Whether confirming the change persists it. */
  readonly persistAfterConfirm: boolean;
}
