export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** A metric and its series. What cannot be read is no series, never a 0. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly Sample[];
}

/** What one collector has read. */
export interface Collected {
  readonly families: readonly Family[];
  /** False where something that it is for could not be read. */
  readonly isComplete: boolean;
}

/** Without labels; without a series where there is no value. */
export function gauge(name: string, help: string, value: number | undefined): Family {
  return { name, help, type: 'gauge', samples: value === undefined ? [] : [{ labels: {}, value }] };
}

export function counter(name: string, help: string, value: number | undefined): Family {
  return { ...gauge(name, help, value), type: 'counter' };
}

export function labelled(type: Family['type'], name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type, samples };
}

export function complete(...families: readonly Family[]): Collected {
  return { families, isComplete: true };
}
