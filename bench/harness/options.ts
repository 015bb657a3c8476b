import { parseArgs } from 'node:util';

export interface Options {
  readonly entries: number;
  readonly rounds: number;
  /** Names of workloads; undefined for all. */
  readonly only: readonly string[] | undefined;
  /** Whether to raise the host's max and buckets for the run. */
  readonly raise: boolean;
}

const DEFAULTS = { entries: 1_000_000, rounds: 5 };

/** @throws Error for unknown options and invalid values */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      entries: { type: 'string', default: String(DEFAULTS.entries) },
      rounds: { type: 'string', default: String(DEFAULTS.rounds) },
      only: { type: 'string', multiple: true },
      raise: { type: 'boolean', default: true },
    },
  });
  const unknown = values.only?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: expected one of ${known.join(', ')}.`);
  return {
    entries: positive('entries', values.entries, 1_000),
    rounds: positive('rounds', values.rounds, 1),
    only: values.only,
    raise: values.raise,
  };
}

/** Whether the run used the standard options, to which the targets apply. Only such results are stored. */
export function isCompleteRun({ entries, rounds, only, raise }: Options): boolean {
  return entries === DEFAULTS.entries && rounds === DEFAULTS.rounds && only === undefined && raise;
}

function positive(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name} ${text}: expected an integer of at least ${least}.`);
  return value;
}
