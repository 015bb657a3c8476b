import { createHash } from 'node:crypto';

/** A secret of this service has 86 characters. Longer ones are not hashed. */
const LONGEST_SECRET = 256;

/** Digests of the tokens verified last. A token in here may have been revoked since. */
export class RecentTokens {
  private readonly capacity: number;
  private readonly digests = new Set<string>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** The key of this token. Absent if it was not verified recently. */
  keyOf(secret: string): string | undefined {
    if (secret.length > LONGEST_SECRET) return undefined;
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
    if (secret.length <= LONGEST_SECRET) this.digests.delete(digestOf(secret));
  }
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
