import { describe, expect, it } from 'vitest';
import { isCompleteRun, readOptions } from '../../../bench/harness/options.ts';

const read = (...args: readonly string[]): ReturnType<typeof readOptions> => readOptions(args, ['summary', 'memory']);

describe('the options of the benchmark', () => {
  it('select a complete run by default', () => {
    expect(read()).toEqual({ entries: 1_000_000, rounds: 5, only: undefined, raise: true });
    expect(isCompleteRun(read())).toBe(true);
  });

  it.each([[['--entries', '20000']], [['--rounds', '3']], [['--only', 'summary']], [['--no-raise']]])(
    'do not store the results of a run with %j',
    (args) => {
      expect(isCompleteRun(read(...args))).toBe(false);
    },
  );

  it.each([['--only', 'sumary'], ['--entries', '1e3.5'], ['--rounds', '0'], ['--fast']])('refuse %s %s', (...args) => {
    expect(() => read(...args)).toThrow();
  });
});
