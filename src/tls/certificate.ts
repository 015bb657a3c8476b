import { statSync } from 'node:fs';
import { readTlsFiles, type TlsFiles, type TlsMaterial } from './read-tls-files.ts';

type OnRenewed = (material: TlsMaterial) => void;

/** The certificate in use. It is read from the files at start, and again when they contain a new, valid pair. */
export class Certificate {
  private readonly files: TlsFiles;
  private readonly listeners: OnRenewed[] = [];
  private inUse: TlsMaterial;
  private loaded: string;
  private seen: string;

  /** @throws Error as `readTlsFiles` */
  constructor(files: TlsFiles) {
    this.files = files;
    this.loaded = this.seen = this.fingerprint();
    this.inUse = readTlsFiles(files);
  }

  get material(): TlsMaterial {
    return this.inUse;
  }

  onRenewed(listener: OnRenewed): void {
    this.listeners.push(listener);
  }

  /** @throws Error as `readTlsFiles`; the previous certificate then stays in use. */
  renew(): void {
    this.loaded = this.seen = this.fingerprint();
    const material = readTlsFiles(this.files);
    this.inUse = material;
    for (const listener of this.listeners) listener(material);
  }

  /**
   * Renews the certificate if the files have changed and are the same for two calls: a certificate and its key are replaced one after the
   * other. Follows symbolic links, which certbot and Kubernetes replace.
   *
   * @returns whether the certificate was renewed
   * @throws Error as `renew`, once for each state of the files
   */
  renewIfChanged(): boolean {
    const now = this.fingerprint();
    const hasSettled = now === this.seen;
    this.seen = now;
    if (!hasSettled || now === this.loaded) return false;
    this.renew();
    return true;
  }

  private fingerprint(): string {
    const { cert, key, clientCa } = this.files;
    return [cert, key, ...(clientCa === undefined ? [] : [clientCa])].map(fingerprintOf).join();
  }
}

/** All missing or inaccessible files have the same fingerprint. */
function fingerprintOf(path: string): string {
  try {
    const { dev, ino, mtimeNs, size } = statSync(path, { bigint: true });
    return [dev, ino, mtimeNs, size].map(String).join(':');
  } catch {
    return 'absent';
  }
}
