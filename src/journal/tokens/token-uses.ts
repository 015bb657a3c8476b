import type { Token } from '../../domain/token.ts';

/** The last use of each token since the uses were last stored. */
export class TokenUses {
  private pending = new Map<string, Date>();

  note(id: string, at: Date): void {
    this.pending.set(id, at);
  }

  /** The token with its last use, including one that is not stored yet. */
  addTo(token: Token): Token {
    return { ...token, lastUsedAt: this.pending.get(token.id) ?? token.lastUsedAt };
  }

  /** Passes the uses to `store` and clears them. If `store` throws, they are kept for the next time. */
  flush(store: (uses: ReadonlyMap<string, Date>) => void): void {
    const { pending } = this;
    if (pending.size === 0) return;
    store(pending);
    this.pending = new Map();
  }
}
