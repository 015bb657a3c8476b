type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** A metric and its series. A value that cannot be read has no series, never a 0. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly Sample[];
}

/** The result of one collector. */
export interface Collected {
  readonly families: readonly Family[];
  /** False if the collector could not read all of its values. */
  readonly isComplete: boolean;
}

/** One series without labels, or none if the value is undefined. */
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
