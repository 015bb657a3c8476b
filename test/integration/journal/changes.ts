import type { Outcome } from '../../../src/domain/change.ts';

export function applied(values: Readonly<Record<string, number>> = { max: 131_072 }): Outcome {
  return { outcome: 'applied', completedAt: new Date('2026-01-01T00:00:01.000Z'), observed: { settings: values, files: {} } };
}

const failure = { code: 'KERNEL_REFUSED', message: 'The kernel refused.', errno: 'EINVAL' } as const;

/** An example of each outcome. */
export function outcomeNamed(name: Outcome['outcome']): Outcome {
  const ending = { completedAt: new Date('2026-01-01T00:00:01.000Z'), observed: { settings: { max: 65_536 }, files: {} } };
  switch (name) {
    case 'failed':
    case 'not-effective':
      return { ...ending, outcome: name, failure };
    case 'restore-failed':
      return { ...ending, outcome: name, failure, restoreFailure: failure };
    case 'applied':
    case 'adjusted':
    case 'recovered-applied':
    case 'recovered-unchanged':
    case 'diverged':
      return { ...ending, outcome: name };
  }
}
