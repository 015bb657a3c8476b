import type { Table } from '../api/answers.ts';

export type Fullness = 'calm' | 'busy' | 'full';

/** New flows are dropped at 100 %; from three quarters on somebody should look. */
export function fullness(table: Pick<Table, 'utilisation'> | undefined): Fullness {
  const share = table?.utilisation ?? 0;
  if (share >= 0.9) return 'full';
  return share >= 0.75 ? 'busy' : 'calm';
}
