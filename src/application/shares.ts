/** Counts what each owner holds of a limited number of places. One owner gets half of them, rounded up, so that others are not locked out. */
export class Shares {
  /** The most that one owner may hold. */
  readonly share: number;
  private readonly held = new Map<string, number>();

  constructor(places: number) {
    this.share = Math.ceil(places / 2);
  }

  /** @param owner absent: the service itself, which has no share */
  hasReached(owner: string | undefined): boolean {
    return owner !== undefined && (this.held.get(owner) ?? 0) >= this.share;
  }

  /** @returns releases the place. To be called once */
  take(owner: string | undefined): () => void {
    if (owner === undefined) return () => undefined;
    this.held.set(owner, (this.held.get(owner) ?? 0) + 1);
    return () => {
      const left = (this.held.get(owner) ?? 1) - 1;
      if (left === 0) this.held.delete(owner);
      else this.held.set(owner, left);
    };
  }
}
