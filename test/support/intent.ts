import type { Intent } from '../../src/domain/change.ts';

/** A change of `max` from 65536 to 131072. No vitest here: child processes use it too. */
export function intent(parts: Partial<Intent> = {}): Intent {
  return {
    kind: 'change',
    startedAt: new Date('2026-01-01T00:00:00.000Z'),
    bootId: '2f1e6f3c-5a57-4b21-9d3e-0f6a8f1f9d11',
    actor: { tokenId: 'a1b2c3d4e5f6', name: 'night-shift', peer: '127.0.0.1' },
    requestId: 'req-1',
    reason: 'black friday',
    rollbackOf: null,
    relatesTo: null,
    confirm: null,
    idempotency: null,
    acknowledged: [],
    settings: [{ name: 'max', before: 65_536, requested: 131_072 }],
    files: [],
    ...parts,
  };
}
