import { describe, expect, it } from 'vitest';
import { formatEventPlace, parseEventPlace } from '../../../../src/domain/filter/entry-event.ts';

describe('event ids', () => {
  it.each([
    { epoch: '5d0c7a1e', sequence: 0 },
    { epoch: '00000000', sequence: 999_999_999_999_999 },
  ])('are parsed as they were formatted: %j', (place) => {
    expect(parseEventPlace(formatEventPlace(place))).toEqual(place);
  });

  it.each(['', '5d0c7a1e', '5d0c7a1e-', '5d0c7a1e-01', '5D0C7A1E-1', '5d0c7a1e-1 ', '5d0c7a1e-9999999999999999', '5d0c7a1-1'])(
    'are rejected if malformed: %j',
    (text) => {
      expect(parseEventPlace(text)).toBeUndefined();
    },
  );
});
