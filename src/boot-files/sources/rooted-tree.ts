import { constants, lstat, open, readdir, readlink } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import type { FileOverlay } from '../../application/ports/boot-sources.ts';
import type { BootFile, BootFileContent } from '../../domain/boot/boot-input.ts';
import { errnoOf } from '../../domain/conntrack-error.ts';
import { refuseIfExhausted } from '../../domain/exhausted.ts';

/** The kernel's limit. */
const LINKS_MAX = 40;
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const NULL_DEVICE = '/dev/null';
/** As large as the file: most are small. */
const BLOCK_BYTES_MIN = 1_024;
const BLOCK_BYTES_MAX = 65_536;
/** As many as libuv has threads. Each has a file descriptor, of which there may be few. */
const OPEN_FILES_MAX = 4;
let openFiles = 0;
const waiting: (() => void)[] = [];

/** What is at a path, without following a link. */
interface Found {
  readonly stats: Stats;
  readonly linkTarget?: string;
}

/** What was found at a path on disk, and what was read from it. */
export interface Lookup {
  readonly path: string;
  /** The error number if nothing is found. */
  readonly result: Stats | string;
  readonly content?: BootFileContent;
  readonly names?: readonly string[];
}

/** What a path leads to after following links. */
type Place =
  | { readonly kind: 'overlaid'; readonly path: string; readonly text: string }
  | { readonly kind: 'present'; readonly path: string; readonly stats: Stats }
  | { readonly kind: 'absent'; readonly path: string }
  | { readonly kind: 'failed'; readonly path: string; readonly errno: string };

/**
 * The files of a host below a root, as seen with the root as `/`: absolute links stay below the root, and `..` does not lead out of it.
 * An overlay of planned changes hides the files on disk. To be used for one reading: each path is looked up once.
 */
export class RootedTree {
  private readonly root: string;
  private readonly overlay: FileOverlay;
  private readonly found = new Map<string, Promise<Found>>();
  private readonly names = new Map<string, Promise<readonly string[]>>();
  private readonly contents = new Map<string, BootFileContent>();

  constructor(root: string, overlay: FileOverlay = {}) {
    this.root = root;
    this.overlay = overlay;
  }

  /** @returns undefined if nothing exists at the path, not even a link */
  async read(path: string, bytesMax: number): Promise<BootFile | undefined> {
    const place = await this.follow(path);
    const isLink = place.path !== path;
    if (place.kind === 'absent' && !isLink) return undefined;
    const { content, modifiedAt } = await this.contentOf(place, bytesMax);
    return { path, ...(isLink && { linkTo: place.path }), content, ...(modifiedAt !== undefined && { modifiedAt }) };
  }

  /** The text of a regular file; undefined if it cannot be read for any reason. */
  async text(path: string, bytesMax: number): Promise<string | undefined> {
    const content = (await this.read(path, bytesMax))?.content;
    return content?.kind === 'text' ? content.text : undefined;
  }

  /** Sorted names in a directory, including planned ones. The errno if it cannot be listed; undefined if it does not exist. */
  async list(path: string): Promise<readonly string[] | { readonly errno: string } | undefined> {
    const prefix = `${path}/`;
    const overlaid = Object.entries(this.overlay).filter(([file]) => file.startsWith(prefix) && !file.slice(prefix.length).includes('/'));
    const planned = overlaid.filter(([, text]) => text !== null).map(([file]) => file.slice(prefix.length));
    const place = await this.follow(path);
    if (place.kind === 'failed') return { errno: place.errno };
    if (place.kind !== 'present' || !place.stats.isDirectory()) return planned.length > 0 ? planned.sort() : undefined;
    try {
      const removed = new Set(overlaid.filter(([, text]) => text === null).map(([file]) => file.slice(prefix.length)));
      const all = await once(this.names, place.path, (directory) => readdir(this.onDisk(directory)));
      const names = all.filter((name) => !removed.has(name));
      return [...new Set([...names, ...planned])].sort();
    } catch (error) {
      refuseIfExhausted(place.path, error);
      return { errno: reasonOf(error) };
    }
  }

  async stats(path: string): Promise<{ readonly path: string; readonly stats: Stats } | undefined> {
    const place = await this.follow(path);
    return place.kind === 'present' ? place : undefined;
  }

  /** Everything that was looked up so far, and the root. */
  async lookups(): Promise<readonly Lookup[]> {
    await once(this.found, '/', (root) => this.find(root));
    return Promise.all(
      [...this.found].map(async ([path, found]) => {
        const result = await found.then(({ stats }) => stats, reasonOf);
        const names = await this.names.get(path)?.catch(reasonOf);
        const content = typeof names === 'string' ? unreadable(names) : this.contents.get(path);
        return { path, result, ...(content && { content }), ...(typeof names === 'object' && { names }) };
      }),
    );
  }

  /** The path on disk for a path of the host, without following links. */
  onDisk(path: string): string {
    return join(this.root, path);
  }

  private async follow(path: string): Promise<Place> {
    let left = path.split('/').filter((part) => part !== '');
    let at = '';
    let links = 0;
    while (left.length > 0) {
      const [part = '', ...rest] = left;
      left = rest;
      if (part === '.') continue;
      if (part === '..') {
        at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
        continue;
      }
      at = `${at}/${part}`;
      const whole = [at, ...rest].join('/');
      const planned = Object.hasOwn(this.overlay, whole) ? this.overlay[whole] : undefined;
      if (planned !== undefined)
        return planned === null ? { kind: 'absent', path: whole } : { kind: 'overlaid', path: whole, text: planned };
      try {
        const { stats, linkTarget } = await once(this.found, at, (found) => this.find(found));
        if (linkTarget === undefined) {
          if (rest.length === 0) return { kind: 'present', path: at, stats };
          continue;
        }
        if ((links += 1) > LINKS_MAX) return { kind: 'failed', path: whole, errno: 'ELOOP' };
        at = linkTarget.startsWith('/') ? '' : at.slice(0, at.lastIndexOf('/'));
        left = [...linkTarget.split('/').filter((component) => component !== ''), ...rest];
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === 'ENOENT' || errno === 'ENOTDIR') return { kind: 'absent', path: whole };
        return { kind: 'failed', path: whole, errno: errno ?? String(error) };
      }
    }
    return { kind: 'failed', path: at, errno: 'EISDIR' };
  }

  private async find(path: string): Promise<Found> {
    const onDisk = this.onDisk(path);
    const stats = await lstat(onDisk);
    return stats.isSymbolicLink() ? { stats, linkTarget: await readlink(onDisk) } : { stats };
  }

  private async contentOf(place: Place, bytesMax: number): Promise<{ content: BootFileContent; modifiedAt?: number }> {
    if (place.path === NULL_DEVICE) return { content: { kind: 'null-device' } };
    switch (place.kind) {
      case 'overlaid':
        return { content: { kind: 'text', text: place.text } };
      case 'absent':
        return { content: { kind: 'dangling' } };
      case 'failed':
        return { content: place.errno === 'ELOOP' ? { kind: 'irregular', isCircle: true } : { kind: 'unreadable', reason: place.errno } };
      case 'present':
        if (place.stats.isDirectory()) return { content: { kind: 'irregular', isCircle: false } };
        if (!place.stats.isFile()) return { content: { kind: 'unreadable', reason: 'a pipe, socket or device' } };
        return { content: await this.contentAt(place.path, place.stats, bytesMax), modifiedAt: place.stats.mtimeMs };
    }
  }

  private async contentAt(path: string, { size }: Stats, bytesMax: number): Promise<BootFileContent> {
    if (size > bytesMax) return tooLarge(bytesMax);
    const content = await this.readRegular(path, bytesMax);
    this.contents.set(path, content);
    return content;
  }

  private async readRegular(path: string, bytesMax: number): Promise<BootFileContent> {
    while (openFiles >= OPEN_FILES_MAX) await new Promise<void>((resolve) => waiting.push(resolve));
    openFiles += 1;
    try {
      const handle = await open(this.onDisk(path), FLAGS);
      try {
        const stats = await handle.stat();
        if (!stats.isFile()) return { kind: 'unreadable', reason: 'no longer a regular file' };
        const block = Buffer.allocUnsafe(Math.min(Math.max(stats.size, BLOCK_BYTES_MIN), BLOCK_BYTES_MAX));
        for (let text = ''; ;) {
          const { bytesRead } = await handle.read(block, 0, block.length);
          if (bytesRead === 0) return { kind: 'text', text };
          text += block.toString('latin1', 0, bytesRead);
          if (text.length > bytesMax) return tooLarge(bytesMax);
        }
      } finally {
        await handle.close();
      }
    } catch (error) {
      refuseIfExhausted(path, error);
      return unreadable(reasonOf(error));
    } finally {
      openFiles -= 1;
      waiting.shift()?.();
    }
  }
}

function once<Value>(known: Map<string, Promise<Value>>, key: string, find: (key: string) => Promise<Value>): Promise<Value> {
  const value = known.get(key) ?? find(key);
  known.set(key, value);
  return value;
}

function reasonOf(error: unknown): string {
  return errnoOf(error) ?? String(error);
}

function unreadable(reason: string): BootFileContent {
  return { kind: 'unreadable', reason };
}

function tooLarge(bytesMax: number): BootFileContent {
  return unreadable(`more than ${bytesMax} bytes`);
}
