import type { TableEvidence } from './table-evidence.ts';
import type { CheckedFinding } from './table-finding.ts';

/** What a reboot would change: some night it comes by itself. */
export function ofBoot({ boot = [] }: TableEvidence): readonly CheckedFinding[] {
  if (boot.length === 0) return [];
  const told = boot.map(({ name, live, persisted, atNextBoot }) => {
    const now =
      live === undefined ? '' : ` (now ${live}${persisted === undefined || persisted === live ? '' : `, persisted ${persisted}`})`;
    return `${name} would be ${atNextBoot}${now}`;
  });
  return [
    {
      code: 'REBOOT_WOULD_CHANGE',
      level: 'warning',
      message: `After a reboot ${told.join(', ')}.`,
      remedy: 'GET /boot names the lines that decide. PATCH /settings with "persist": true makes what is live hold.',
      evidence: Object.fromEntries(boot.map(({ name, atNextBoot }) => [name, atNextBoot])),
    },
  ];
}
