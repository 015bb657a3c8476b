import { Samples } from '../../application/ports/samples.ts';
import type { HistorySample, Peak, Sample } from '../../domain/history/sample.ts';
import { HISTORY_TIERS, periodStart, type HistoryStep } from '../../domain/history/steps.ts';
import type { Connection } from '../file/connection.ts';
import { SamplesFile } from './samples-file.ts';
import { toHistorySample, withSample, type CounterNames, type PeriodRow } from './stored-period.ts';
import { UnavailableSamples } from './unavailable-samples.ts';

const COLUMNS = 'at, readings, counts, count_sum, count_peak, max, buckets, seconds, names_id, increments';
/** Rows deleted at a time, so that no sample waits long. After a long stop, the following samples delete the rest. */
const EXPIRED_AT_ONCE = 200;
const PAGES_FREED_AT_ONCE = 64;

type Statements = ReturnType<typeof statementsOn>;

function statementsOn(connection: Connection) {
  return {
    period: connection.prepare<[number, number], PeriodRow>(`SELECT ${COLUMNS} FROM period WHERE step = ? AND at = ?`),
    put: connection.prepare<[PeriodRow & { readonly step: number }]>(
      `INSERT OR REPLACE INTO period (step, ${COLUMNS})
       VALUES (@step, @at, @readings, @counts, @count_sum, @count_peak, @max, @buckets, @seconds, @names_id, @increments)`,
    ),
    between: connection.prepare<[number, number, number, number], PeriodRow>(
      `SELECT ${COLUMNS} FROM period WHERE step = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?`,
    ),
    // Periods in the future were written before the clock was set back.
    expire: connection.prepare<{ readonly step: number; readonly oldest: number; readonly newest: number }>(
      `DELETE FROM period WHERE step = @step AND at IN (
         SELECT at FROM period WHERE step = @step AND (at < @oldest OR at > @newest) LIMIT ${EXPIRED_AT_ONCE})`,
    ),
    raisePeak: connection.prepare<[number, number]>(
      `INSERT INTO peak (only, count, at) VALUES (1, ?, ?)
       ON CONFLICT DO UPDATE SET count = excluded.count, at = excluded.at WHERE excluded.count > peak.count`,
    ),
    peak: connection.prepare<[], { readonly count: number; readonly at: number }>('SELECT count, at FROM peak'),
    names: connection.prepare<[number], { readonly names: string }>('SELECT names FROM counter_names WHERE id = ?'),
    namesId: connection.prepare<[string], { readonly id: number }>('SELECT id FROM counter_names WHERE names = ?'),
    putNames: connection.prepare<[string]>('INSERT INTO counter_names (names) VALUES (?)'),
  };
}

/** Never throws: errors are reported by each use. @param everySeconds 0 disables samples */
export function openSamples(dataDir: string, everySeconds: number, warn: (message: string) => void): Samples {
  return everySeconds === 0 ? new UnavailableSamples() : new SqliteSamples(dataDir, everySeconds, warn);
}

/** Samples in SQLite, with one row for each period, so that the file stops growing after a year. */
class SqliteSamples extends Samples {
  readonly everySeconds: number;
  private readonly file: SamplesFile;
  private prepared: { readonly connection: Connection; readonly statements: Statements; readonly names: CounterNames } | undefined;

  /** @param warn called when a damaged file was replaced */
  constructor(dataDir: string, everySeconds: number, warn: (message: string) => void) {
    super();
    this.everySeconds = everySeconds;
    this.file = new SamplesFile(dataDir, warn);
  }

  add(sample: Sample): void {
    this.file.write((connection) => {
      const { statements, names } = this.on(connection);
      const now = sample.at.getTime();
      let expired = 0;
      for (const { stepSeconds: step, keptSeconds } of HISTORY_TIERS) {
        const at = periodStart(sample.at, step).getTime() / 1000;
        statements.put.run({ step, ...withSample(statements.period.get(step, at), at, sample, names) });
        expired += statements.expire.run({ step, oldest: Math.floor(now / 1000) - keptSeconds, newest: at }).changes;
      }
      if (sample.count !== undefined) statements.raisePeak.run(sample.count, now);
      if (expired >= EXPIRED_AT_ONCE) connection.pragma(`incremental_vacuum(${PAGES_FREED_AT_ONCE})`);
    });
  }

  between(step: HistoryStep, from: Date, to: Date, limit: number): readonly HistorySample[] {
    return this.file.read((connection) => {
      const { statements, names } = this.on(connection);
      const rows = statements.between.all(step, Math.ceil(from.getTime() / 1000), Math.ceil(to.getTime() / 1000), limit);
      return rows.map((row) => toHistorySample(row, names));
    });
  }

  peak(): Peak | undefined {
    return this.file.read((connection) => {
      const row = this.on(connection).statements.peak.get();
      return row && { count: row.count, at: new Date(row.at) };
    });
  }

  close(): void {
    this.file.close();
  }

  private on(connection: Connection): NonNullable<typeof this.prepared> {
    if (this.prepared?.connection !== connection) {
      const statements = statementsOn(connection);
      this.prepared = { connection, statements, names: namesIn(statements) };
    }
    return this.prepared;
  }
}

/** Caches the lists of names: there are few, and they never change. */
function namesIn(statements: Statements): CounterNames {
  const byId = new Map<number, readonly string[]>();
  const ids = new Map<string, number>();
  return {
    of: (id) => {
      const known = byId.get(id) ?? (JSON.parse(statements.names.get(id)?.names ?? '[]') as readonly string[]);
      byId.set(id, known);
      return known;
    },
    idOf: (names) => {
      const text = JSON.stringify(names);
      const id = ids.get(text) ?? statements.namesId.get(text)?.id ?? Number(statements.putNames.run(text).lastInsertRowid);
      ids.set(text, id);
      return id;
    },
  };
}
