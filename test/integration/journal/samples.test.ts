import SqliteDatabase from 'better-sqlite3';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Samples } from '../../../src/application/ports/samples.ts';
import type { Sample } from '../../../src/domain/history/sample.ts';
import { openSamples } from '../../../src/journal/samples/sqlite-samples.ts';

const T0 = Date.parse('2026-11-27T00:00:00Z');
const DAY = 86_400;

let directory: string;
let samples: Samples;
let warnings: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'conntrack-api-samples-'));
  warnings = [];
  samples = open();
});
afterEach(() => {
  samples.close();
  rmSync(directory, { recursive: true });
});

const open = (): Samples => openSamples(directory, 10, (message) => warnings.push(message));
const time = (seconds: number): Date => new Date(T0 + seconds * 1000);
const file = (): string => join(directory, 'samples.sqlite3');

function sample(seconds: number, count: number, drop?: number): Sample {
  const counted = drop === undefined ? {} : { counted: { seconds: 10, increments: { found: 2 * drop, drop } } };
  return { at: time(seconds), count, max: 1_000, buckets: 512, ...counted };
}

describe('samples', () => {
  it('are stored in periods of every step, with mean, peak and increments', () => {
    for (const [seconds, count, drop] of [
      [0, 10, undefined],
      [10, 40, 1],
      [20, 20, 2],
      [60, 5, 3],
    ] as const) {
      samples.add(sample(seconds, count, drop));
    }
    expect(samples.between(60, time(0), time(3_600), 10)).toEqual([
      {
        at: time(0),
        readings: 3,
        count: 23,
        countPeak: 40,
        max: 1_000,
        buckets: 512,
        seconds: 20,
        increments: { found: 6, drop: 3 },
      },
      { at: time(60), readings: 1, count: 5, countPeak: 5, max: 1_000, buckets: 512, seconds: 10, increments: { found: 6, drop: 3 } },
    ]);
    expect(samples.between(10, time(10), time(60), 10).map(({ at }) => at)).toEqual([time(10), time(20)]);
    expect(samples.between(86_400, time(0), time(3_600), 10)).toMatchObject([{ readings: 4, countPeak: 40, seconds: 30 }]);
  });

  it('omit unknown values and periods without samples', () => {
    samples.add({ at: time(0) });
    samples.add({ at: time(300), count: 7 });
    expect(samples.between(10, time(0), time(3_600), 10)).toEqual([
      { at: time(0), readings: 1 },
      { at: time(300), readings: 1, count: 7, countPeak: 7 },
    ]);
  });

  it('keep the highest count with its time, across restarts', () => {
    expect(samples.peak()).toBeUndefined();
    samples.add(sample(0, 10));
    samples.add(sample(10, 900));
    samples.add(sample(20, 900));
    samples.close();
    samples = open();
    samples.add(sample(30, 11));
    expect(samples.peak()).toEqual({ count: 900, at: time(10) });
  });

  it('expire, finest step first, while the peak stays', () => {
    samples.add(sample(0, 900, 4));
    samples.add(sample(DAY + 20, 10, 4));
    expect(samples.between(10, time(-10), time(3_600), 10)).toEqual([]);
    expect(samples.between(60, time(-10), time(3_600), 10)).toHaveLength(1);
    samples.add(sample(8 * DAY, 10, 4));
    expect(samples.between(60, time(-10), time(3_600), 10)).toEqual([]);
    expect(samples.between(600, time(-10), time(3_600), 10)).toHaveLength(1);
    samples.add(sample(366 * DAY, 10, 4));
    expect(samples.between(600, time(-10), time(3_600), 10)).toEqual([]);
    expect(samples.peak()).toEqual({ count: 900, at: time(0) });
  });

  it('in the future are deleted when the clock is set back', () => {
    samples.add(sample(3_600, 10));
    samples.add(sample(0, 20));
    expect(samples.between(10, time(0), time(7_200), 10)).toMatchObject([{ at: time(0) }]);
  });

  it('follow counters that appear and disappear', () => {
    samples.add({ at: time(0), counted: { seconds: 10, increments: { found: 1, drop: 2 } } });
    samples.add({ at: time(1), counted: { seconds: 1, increments: { drop: 3, clashres: 4 } } });
    expect(samples.between(10, time(0), time(10), 1)[0]).toMatchObject({ seconds: 11, increments: { found: 1, drop: 5, clashres: 4 } });
  });

  it('with many counters are returned as they were added', () => {
    const increments = Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`counter_${n}`, 2 ** 40 + n]));
    samples.add({ at: time(0), count: 2 ** 31, counted: { seconds: 9.98, increments } });
    expect(samples.between(600, time(0), time(1), 1)).toMatchObject([{ count: 2 ** 31, seconds: 9.98, increments }]);
  });
});

describe('the samples file', () => {
  it('is separate from the journal, readable by its owner only, and in WAL mode without a sync for each sample', () => {
    samples.add(sample(0, 1));
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const other = new SqliteDatabase(file(), { readonly: true });
    expect(other.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(other.pragma('auto_vacuum', { simple: true })).toBe(2);
    other.close();
    expect(existsSync(join(directory, 'conntrack-api.sqlite3'))).toBe(false);
  });

  it.each([
    [
      'is not a database',
      () => {
        writeFileSync(file(), 'x'.repeat(9_000));
      },
    ],
    [
      'has a damaged page',
      () => {
        const bytes = readFileSync(file());
        bytes.fill(0xa5, 4_096, 12_288);
        writeFileSync(file(), bytes);
      },
    ],
    [
      'is of another program',
      () => {
        rmSync(file());
        const other = new SqliteDatabase(file());
        other.exec('CREATE TABLE theirs (x); PRAGMA application_id = 7');
        other.close();
      },
    ],
  ])('that %s is renamed and replaced, with a warning', (_name, damage) => {
    samples.add(sample(0, 1));
    samples.close();
    damage();
    const damaged = readFileSync(file());
    samples = open();
    expect(samples.between(10, time(0), time(10), 10)).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('replaced by a new one')]);
    expect(readFileSync(`${file()}.damaged`)).toEqual(damaged);
    samples.add(sample(5, 3));
    expect(samples.peak()).toEqual({ count: 3, at: time(5) });
  });

  it('that cannot be opened reports the reason instead of returning no samples, and is retried', () => {
    mkdirSync(file());
    const refusal = expect.objectContaining({ code: 'HISTORY_UNAVAILABLE', message: expect.stringContaining(file()) as string }) as object;
    expect(() => {
      samples.add(sample(0, 1));
    }).toThrow(refusal);
    expect(() => samples.between(10, time(0), time(10), 10)).toThrow(refusal);
    rmSync(file(), { recursive: true });
    samples.add(sample(0, 1));
    expect(samples.peak()).toEqual({ count: 1, at: time(0) });
  });

  it('of a newer version is not changed', () => {
    samples.add(sample(0, 1));
    samples.close();
    const other = new SqliteDatabase(file());
    other.exec(`INSERT INTO migration (number, name, sha256) VALUES (2, '0002_newer.sql', '${'0'.repeat(64)}')`);
    other.close();
    samples = open();
    expect(() => samples.peak()).toThrow(expect.objectContaining({ code: 'HISTORY_UNAVAILABLE' }) as object);
    expect(existsSync(`${file()}.damaged`)).toBe(false);
  });

  it('stays small: a year of periods is bounded for any counters', () => {
    const increments = Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`counter_${n}`, 4_000_000_000]));
    for (let day = 0; day < 3; day += 1) {
      for (let seconds = 0; seconds < DAY; seconds += 600) {
        samples.add({ at: time(day * DAY + seconds), count: 1e6, max: 1e6, buckets: 1e6, counted: { seconds: 10, increments } });
      }
    }
    const rows = new SqliteDatabase(file(), { readonly: true });
    const tens = rows.prepare('SELECT count(*) AS n FROM period WHERE step = 10').get() as { n: number };
    rows.close();
    expect(tens.n).toBeLessThanOrEqual(DAY / 600 + 1);
  });
});

describe('with samples disabled', () => {
  it('every use reports this, and no file is created', () => {
    const none = openSamples(directory, 0, () => undefined);
    expect(() => {
      none.add(sample(0, 1));
    }).toThrow(expect.objectContaining({ code: 'HISTORY_UNAVAILABLE' }) as object);
    expect(() => none.peak()).toThrow(/--sample-seconds=0/);
    expect(existsSync(file())).toBe(false);
  });
});
