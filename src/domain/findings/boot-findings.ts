import type { TableEvidence } from './table-evidence.ts';
import type { CheckedFinding } from './table-finding.ts';

/** What a reboot would change. */
export function ofBoot({ boot = [] }: TableEvidence): readonly CheckedFinding[] {
  if (boot.length === 0) return [];
  const changes = boot.map(({ name, live, persisted, atNextBoot }) => {
    const now =
      live === undefined ? '' : ` (now ${live}${persisted === undefined || persisted === live ? '' : `, persisted ${persisted}`})`;
    return `${name} would be ${atNextBoot}${now}`;
  });
  return [
    {
      code: 'REBOOT_WOULD_CHANGE',
      level: 'warning',
      message: `After a reboot ${changes.join(', ')}.`,
      remedy: 'GET /boot names the effective lines. PATCH /settings with "persist": true makes the live values permanent.',
      evidence: Object.fromEntries(boot.map(({ name, atNextBoot }) => [name, atNextBoot])),
    },
  ];
}
