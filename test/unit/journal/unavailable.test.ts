import { describe, expect, it } from 'vitest';
import { ConntrackError } from '../../../src/domain/conntrack-error.ts';
import { UnavailableJournal } from '../../../src/journal/record/unavailable-journal.ts';
import { UnavailableTokens } from '../../../src/journal/tokens/unavailable-tokens.ts';

const reason = new ConntrackError('JOURNAL_UNAVAILABLE', 'It is damaged.');

describe.each([
  ['UnavailableJournal', new UnavailableJournal(reason)],
  ['UnavailableTokens', new UnavailableTokens(reason)],
])('%s', (_name, stand) => {
  const methods = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(stand))).filter(([name]) => name !== 'constructor');

  it.each(methods)('throws the reason from %s', async (_method, { value }) => {
    await expect(async () => await (value as () => unknown).call(stand)).rejects.toBe(reason);
  });
});
