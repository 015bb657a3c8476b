import type { Token } from '../../domain/token.ts';

/** When tokens were used since it was last stored. */
export class TokenUses {
  private pending = new Map<string, Date>();

  note(id: string, at: Date): void {
    this.pending.set(id, at);
  }

  /** The token with what is remembered and not stored yet. */
  on(token: Token): Token {
    return { ...token, lastUsedAt: this.pending.get(token.id) ?? token.lastUsedAt };
  }

  /** Empty after `store` returned; what could not be stored is kept for the next time. */
  hand(store: (uses: ReadonlyMap<string, Date>) => void): void {
    const { pending } = this;
    if (pending.size === 0) return;
    store(pending);
    this.pending = new Map();
  }
}
