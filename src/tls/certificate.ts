import { statSync } from 'node:fs';
import { readTlsFiles, type TlsMaterial } from './read-tls-files.ts';
import type { TlsFiles } from './tls-files.ts';

type Use = (material: TlsMaterial) => void;

/** The certificate in use: that of the files at start, and theirs again whenever they have become another pair that fits. */
export class Certificate {
  private readonly files: TlsFiles;
  private readonly users: Use[] = [];
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

  onRenewed(use: Use): void {
    this.users.push(use);
  }

  /** @throws Error as `readTlsFiles`; the old one then stays in use. */
  renew(): void {
    this.loaded = this.seen = this.fingerprint();
    const material = readTlsFiles(this.files);
    this.inUse = material;
    for (const use of this.users) use(material);
  }

  /**
   * Renews it where the files are others than those last looked at, and have been so for two calls: a certificate and its key are replaced one
   * after the other. Follows symbolic links, which certbot and Kubernetes move.
   *
   * @returns whether it did
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

/** Of a file that is not there, or cannot be looked at, it is the same until it is. */
function fingerprintOf(path: string): string {
  try {
    const { dev, ino, mtimeNs, size } = statSync(path, { bigint: true });
    return [dev, ino, mtimeNs, size].map(String).join(':');
  } catch {
    return 'absent';
  }
}
