import { lstat, lstatSync, type Stats } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { RootedTree, type Lookup } from './rooted-tree.ts';

/** Types of statfs(2): ext4, XFS, Btrfs, ZFS, F2FS, tmpfs, ramfs, overlayfs, SquashFS, EROFS. Each change there shows in lstat(2). */
const LOCAL_TYPES = new Set([
  ...[0xef53, 0x58465342, 0x9123683e, 0x2fc12fc1, 0xf2f52010],
  ...[0x01021994, 0x858458f6, 0x794c7630, 0x73717368, 0xe0f5e1e2],
]);
/** Errors of lstat(2) that show that a directory has no such entry. */
const ABSENT: readonly unknown[] = ['ENOENT', 'ENOTDIR'];
/** The coarsest time stamp: two changes within it could leave the same status. */
const TIMESTAMP_MILLISECONDS = 2_100;
const BLOCKED_MILLISECONDS = 3;
/** Lookups that have to be repeated, for example in procfs. With more of them a new reading is as cheap. */
const REPEATED_MAX = 32;

/**
 * Proves that nothing that a reading looked up has changed, with one lstat(2) for each file and directory that exists. An absent file needs
 * none: creating it changes the status of its directory.
 */
export class Snapshot {
  private readonly root: string;
  private readonly known: readonly (readonly [string, Stats])[];
  private readonly repeated: readonly Lookup[];

  private constructor(root: string, known: readonly (readonly [string, Stats])[], repeated: readonly Lookup[]) {
    this.root = root;
    this.known = known;
    this.repeated = repeated;
  }

  /**
   * @param startedAt when the reading began, in milliseconds since 1970
   * @returns undefined if a change could go unnoticed: the files are too new, or on other file systems, such as those of a network
   */
  static async of(root: string, tree: RootedTree, startedAt: number): Promise<Snapshot | undefined> {
    const lookups = await tree.lookups();
    const isLocal = await localDevices(tree, lookups);
    const results = new Map(lookups.map(({ path, result }) => [path, result]));
    const showsChanges = ({ path, result, content }: Lookup): boolean => {
      const shownBy = ABSENT.includes(result) ? results.get(dirname(path)) : result;
      return typeof shownBy === 'object' && isLocal(shownBy) && content?.kind !== 'unreadable';
    };
    const repeated = lookups.filter((lookup) => !showsChanges(lookup));
    const known = lookups.flatMap(({ path, result }) => (typeof result === 'object' && isLocal(result) ? [[path, result] as const] : []));
    const isNew = known.some(([, { ctimeMs, mtimeMs }]) => Math.max(ctimeMs, mtimeMs) > startedAt - TIMESTAMP_MILLISECONDS);
    if (isNew || known.length === 0 || repeated.length > REPEATED_MAX) return undefined;
    const onDisk = known.map(([path, stats]) => [tree.onDisk(path), stats] as const);
    return new Snapshot(root, onDisk, repeated);
  }

  async isCurrent(): Promise<boolean> {
    return (await this.isUnchanged()) && (await this.isRepeatable());
  }

  /** At once, which costs less than half, as long as the event loop may be blocked: the files are local and normally in the cache of the kernel. */
  private isUnchanged(): Promise<boolean> | boolean {
    const end = performance.now() + BLOCKED_MILLISECONDS;
    for (const [index, [path, stats]] of this.known.entries()) {
      if (performance.now() > end) return this.isUnchangedFrom(index);
      const now = statusNow(path);
      if (!now || !isSame(stats, now)) return false;
    }
    return true;
  }

  /** Off the event loop. With callbacks, which cost half as much as promises. */
  private isUnchangedFrom(first: number): Promise<boolean> {
    return new Promise((resolve) => {
      let left = this.known.length - first;
      for (const [path, stats] of this.known.slice(first))
        lstat(path, (error, now) => {
          if (error || !isSame(stats, now)) resolve(false);
          else if ((left -= 1) === 0) resolve(true);
        });
    });
  }

  private async isRepeatable(): Promise<boolean> {
    const tree = new RootedTree(this.root);
    const isSameAgain = async ({ path, result, content, names }: Lookup): Promise<boolean> => {
      if (content) return isDeepStrictEqual((await tree.read(path, content.kind === 'text' ? content.text.length : 1))?.content, content);
      if (names) return isDeepStrictEqual(await tree.list(path), names.toSorted());
      return (await tree.stats(path))?.stats.mode === (typeof result === 'object' ? result.mode : undefined);
    };
    return (await Promise.all(this.repeated.map(isSameAgain))).every(Boolean);
  }
}

function statusNow(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.ctimeMs === b.ctimeMs && a.mtimeMs === b.mtimeMs && a.size === b.size && a.dev === b.dev && a.mode === b.mode;
}

async function localDevices(tree: RootedTree, lookups: readonly Lookup[]): Promise<(at: Stats) => boolean> {
  const places = new Map<number, string>();
  // A link has the device of its directory; statfs(2) would follow it.
  for (const { path, result } of lookups)
    if (typeof result === 'object') places.set(result.dev, result.isSymbolicLink() ? dirname(path) : path);
  const local = new Set<number>();
  for (const [device, path] of places) {
    const { type } = await statfs(tree.onDisk(path)).catch(() => ({ type: 0 }));
    if (LOCAL_TYPES.has(type)) local.add(device);
  }
  return ({ dev }) => local.has(dev);
}
