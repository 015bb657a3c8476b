import type { Administrator } from '../application/ports/tokens.ts';

/** As changes over the unix socket name their caller. */
export function commandLineUser(): Administrator {
  return {
    actor: { tokenId: 'command-line', name: 'command line', peer: `uid=${String(process.getuid?.() ?? 'unknown')}` },
    requestId: null,
  };
}
