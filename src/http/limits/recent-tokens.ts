import { createHash } from 'node:crypto';

/** A secret of ours has 86 characters; what is longer is not worth its digest. */
const LONGEST_SECRET = 256;

/** Digests of the tokens verified last. That one is among them says nothing of whether it is valid now. */
export class RecentTokens {
  private readonly capacity: number;
  private readonly digests = new Set<string>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** What stands for this token; absent where it was not verified lately. */
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
