let bytes = 0;

/** What threads that are starting will use, and what does not show in the use of the process yet. */
export function expectedBytes(): number {
  return bytes;
}

export function expectUse(additional: number, milliseconds: number): void {
  bytes += additional;
  setTimeout(() => {
    bytes -= additional;
  }, milliseconds).unref();
}
