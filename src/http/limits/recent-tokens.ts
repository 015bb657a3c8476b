import { createHash } from 'node:crypto';

/**
 * Digests of the tokens verified last: secrets of this service and JWTs, which have up to some thousand characters. The limit on headers bounds
 * their length, so that a digest takes microseconds. A token in here may have been revoked since.
 */
export class RecentTokens {
  private readonly capacity: number;
  private readonly digests = new Set<string>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** The key of this token. Absent if it was not verified recently. */
  keyOf(secret: string): string | undefined {
    const digest = digestOf(secret);
    return this.digests.has(digest) ? digest : undefined;
  }

  add(secret: string): void {
    const digest = digestOf(secret);
    this.digests.delete(digest);
    this.digests.add(digest);
    if (this.digests.size > this.capacity) this.digests.delete(this.digests.values().next().value ?? digest);
  }

  remove(secret: string): void {
    this.digests.delete(digestOf(secret));
  }
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
