import { describe, expect, it } from 'vitest';
import { isWholeRun, readOptions } from '../../../bench/harness/options.ts';

const read = (...args: readonly string[]): ReturnType<typeof readOptions> => readOptions(args, ['summary', 'memory']);

describe('the options of the benchmark', () => {
  it('ask for a whole run when nothing is said', () => {
    expect(read()).toEqual({ entries: 1_000_000, rounds: 5, only: undefined, raise: true });
    expect(isWholeRun(read())).toBe(true);
  });

  it.each([[['--entries', '20000']], [['--rounds', '3']], [['--only', 'summary']], [['--no-raise']]])(
    'keep %j from being stored',
    (args) => {
      expect(isWholeRun(read(...args))).toBe(false);
    },
  );

  it.each([['--only', 'sumary'], ['--entries', '1e3.5'], ['--rounds', '0'], ['--fast']])('refuse %s %s', (...args) => {
    expect(() => read(...args)).toThrow();
  });
});
