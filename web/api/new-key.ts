const BYTES = 16;

/** For an `Idempotency-Key`. Not `crypto.randomUUID`, which browsers keep from pages that come over plain HTTP under a name of the network. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(BYTES))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
