import type { Scope } from '../../domain/token.ts';

/** For whom a response is written. */
export interface Reader {
  readonly scopes: readonly Scope[];
}

/** Why entries, and texts with the addresses of entries, are missing in a response to this reader; `undefined` if it may see them. */
export function whyEntriesWithheld({ scopes }: Reader): string | undefined {
  return scopes.includes('entries:read') ? undefined : 'The token lacks the scope entries:read, which the addresses of entries require.';
}

/** The documentation of the field that has {@link whyEntriesWithheld}. @param absent the fields that are missing then */
export function entriesWithheldField(absent: string) {
  return {
    required: false,
    description: `Why ${absent} are missing: they contain addresses, which the scope \`entries:read\` protects. Absent if the token has this scope.`,
    example: 'The token lacks the scope entries:read, which the addresses of entries require.',
  } as const;
}
