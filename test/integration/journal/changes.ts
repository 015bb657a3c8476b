import type { Intent, Outcome } from '../../../src/domain/change.ts';

/** A change of `max` from 65536 to 131072. No vitest here: child processes use it too. */
export function intent(parts: Partial<Intent> = {}): Intent {
  return {
    kind: 'change',
    startedAt: new Date('2026-01-01T00:00:00.000Z'),
    bootId: '2f1e6f3c-5a57-4b21-9d3e-0f6a8f1f9d11',
    actor: { tokenId: 'a1b2c3d4e5f6', name: 'night-shift', peer: '127.0.0.1' },
    requestId: 'req-1',
    reason: 'black friday',
    rollsBack: null,
    concerns: null,
    confirm: null,
    idempotency: null,
    acknowledged: [],
    settings: [{ name: 'max', before: 65_536, requested: 131_072 }],
    files: [],
    ...parts,
  };
}

export function applied(values: Readonly<Record<string, number>> = { max: 131_072 }): Outcome {
  return { outcome: 'applied', completedAt: new Date('2026-01-01T00:00:01.000Z'), observed: { settings: values, files: {} } };
}

const failure = { code: 'KERNEL_REFUSED', message: 'The kernel refused.', errno: 'EINVAL' } as const;

/** An outcome of each kind that leaves or may leave the host altered, or does not. */
export function outcomeNamed(name: Outcome['outcome']): Outcome {
  const ending = { completedAt: new Date('2026-01-01T00:00:01.000Z'), observed: { settings: { max: 65_536 }, files: {} } };
  switch (name) {
    case 'failed':
    case 'mismatch':
      return { ...ending, outcome: name, failure };
    case 'unrestored':
      return { ...ending, outcome: name, failure, undoFailure: failure };
    case 'applied':
    case 'adjusted':
    case 'observed-requested':
    case 'observed-before':
    case 'diverged':
      return { ...ending, outcome: name };
  }
}
