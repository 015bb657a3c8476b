import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { forecastFull, TREND_WINDOWS_SECONDS, type Forecast } from '../../domain/history/forecast.ts';
import { gapsOf, type HistoryGap } from '../../domain/history/gaps.ts';
import type { HistorySample, Peak } from '../../domain/history/sample.ts';
import {
  chooseStep,
  HISTORY_SAMPLES_MAX,
  HISTORY_STEPS,
  periodsBetween,
  periodStart,
  type HistoryStep,
} from '../../domain/history/steps.ts';
import { Clock } from '../ports/clock.ts';
import { Samples } from '../ports/samples.ts';

const RANGE_DEFAULT_MILLISECONDS = 3_600_000;
const FORECAST_STEP = HISTORY_STEPS[0] ?? 10;
const FORECAST_MILLISECONDS = 1000 * Math.max(...TREND_WINDOWS_SECONDS);

/** Defaults: the last hour, and the finest step that does not exceed the maximum number of samples. */
export interface HistoryQuery {
  readonly from?: Date;
  readonly to?: Date;
  readonly step?: HistoryStep;
}

export interface History {
  readonly from: Date;
  readonly to: Date;
  readonly stepSeconds: HistoryStep;
  readonly samples: readonly HistorySample[];
  readonly gaps: readonly HistoryGap[];
  /** Over the whole lifetime of the samples; absent before the first one. */
  readonly peak?: Peak;
  /** Computed from the last hour, whatever range is requested. */
  readonly forecast: Forecast;
}

@Injectable()
export class ReadHistory {
  constructor(
    private readonly samples: Samples,
    private readonly clock: Clock,
  ) {}

  /** @throws ConntrackError `INVALID_FILTER` for a range that is empty or too long for the step; `HISTORY_UNAVAILABLE` */
  run(query: HistoryQuery): History {
    const now = this.clock.now();
    const { to = now } = query;
    const { from = new Date(to.getTime() - RANGE_DEFAULT_MILLISECONDS) } = query;
    const stepSeconds = requireStep(from, to, now, query.step);
    const samples = this.samples.between(stepSeconds, periodStart(from, stepSeconds), query.to ?? justAfter(now), HISTORY_SAMPLES_MAX);
    const peak = this.samples.peak();
    return {
      from,
      to,
      stepSeconds,
      samples,
      gaps: gapsOf(samples, from, to < now ? to : now, stepSeconds, this.samples.everySeconds),
      ...(peak && { peak }),
      forecast: this.forecast(now),
    };
  }

  /** @throws ConntrackError `HISTORY_UNAVAILABLE` */
  forecast(now: Date = this.clock.now()): Forecast {
    const from = new Date(now.getTime() - FORECAST_MILLISECONDS);
    return forecastFull(this.samples.between(FORECAST_STEP, from, justAfter(now), HISTORY_SAMPLES_MAX), now);
  }
}

/** Range ends are exclusive, and the period that begins now already has a sample. */
function justAfter(now: Date): Date {
  return new Date(now.getTime() + 1);
}

function requireStep(from: Date, to: Date, now: Date, requested: HistoryStep | undefined): HistoryStep {
  if (from >= to) throw refusal('from', 'a time before `to`', from.toISOString());
  const step = requested ?? chooseStep(from, to, now);
  if (step === undefined) throw refusal('from', `a time at most ${HISTORY_SAMPLES_MAX} days before \`to\``, from.toISOString());
  const periods = periodsBetween(from, to, step);
  if (periods <= HISTORY_SAMPLES_MAX) return step;
  const expected = `a longer step or a shorter range: this request selects ${periods} samples, at most ${HISTORY_SAMPLES_MAX} are allowed`;
  throw refusal('step', expected, String(step));
}

function refusal(field: string, expected: string, found: string): ConntrackError {
  return new ConntrackError('INVALID_FILTER', `${field}: expected ${expected}.`, { errors: [{ field, expected, found }] });
}
