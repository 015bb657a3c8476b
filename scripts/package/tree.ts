import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from './checkout.ts';

/** The files of a package below a temporary root. */
export class Tree {
  readonly root = temporaryDirectory();

  put(from: string, to: string, mode?: number): void {
    const target = this.#create(to);
    cpSync(from, target, { recursive: true });
    if (mode !== undefined) chmodSync(target, mode);
  }

  write(to: string, content: string | Uint8Array): void {
    writeFileSync(this.#create(to), content);
  }

  link(to: string, target: string): void {
    symlinkSync(target, this.#create(to));
  }

  directory(path: string): void {
    mkdirSync(join(this.root, path), { recursive: true });
  }

  /** Removes the paths below `below` that match the pattern, except those that match `but`. */
  remove(below: string, pattern: string, but?: RegExp): void {
    for (const path of globSync(pattern, { cwd: join(this.root, below) }))
      if (but?.test(path) !== true) rmSync(join(this.root, below, path), { recursive: true, force: true });
  }

  /** Sets times and modes to fixed values, independent of the build host. */
  normalise(epoch: string): void {
    execFileSync('sh', ['-euc', 'chmod -R u=rwX,go=rX "$1"; find "$1" -exec touch -h -d "@$2" {} +', 'sh', this.root, epoch]);
  }

  #create(path: string): string {
    const target = join(this.root, path);
    mkdirSync(dirname(target), { recursive: true });
    return target;
  }
}
