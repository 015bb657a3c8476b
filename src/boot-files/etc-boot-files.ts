import { BootFiles } from '../application/ports/boot-files.ts';
import type { Capability, Privileges } from '../domain/capabilities.ts';
import type { FileChange, FileContent } from '../domain/change.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { Layout } from '../domain/layout.ts';
import type { EditedFile, OriginalValues, PersistOptions } from '../domain/persist-options.ts';
import type { SettingValues } from '../domain/setting.ts';
import { applyAllOrNothing, expectContent } from './all-or-nothing.ts';
import { refused } from './boot-file-errors.ts';
import type { BootLayout, FileContents } from './boot-layout.ts';
import { LEGACY_LAYOUT } from './legacy-layout.ts';
import { MODERN_LAYOUT } from './modern-layout.ts';
import { RootedFiles } from './rooted-files.ts';

const LAYOUTS = { nf_conntrack: MODERN_LAYOUT, ip_conntrack: LEGACY_LAYOUT } as const satisfies Record<Layout, BootLayout>;
/** For a plan that only checks whether this service may write the files. */
const CHECK_ONLY: PersistOptions = { changeId: 0, builtIn: null, bucketsSysctl: true, last: false };
const PATHS = new Set(Object.values(LAYOUTS).flatMap((layout) => layout.paths));

/** The boot files of a Linux host below `root` (`/` in production). */
export class EtcBootFiles extends BootFiles {
  private readonly files: RootedFiles;

  constructor(root: string) {
    super();
    this.files = new RootedFiles(root);
  }

  get privileges(): Privileges {
    return process.getuid?.() === 0 ? 'root' : 'user';
  }

  async persisted(layout: Layout): Promise<SettingValues> {
    return LAYOUTS[layout].persisted(await this.contents(LAYOUTS[layout].paths, 'skip irregular'));
  }

  async plan(layout: Layout, values: SettingValues, options: PersistOptions): Promise<readonly FileChange[]> {
    requirePersistable(values);
    return this.changes(layout, (before) => LAYOUTS[layout].plan(before, values, options));
  }

  unplan(layout: Layout, originals: OriginalValues, options: PersistOptions): Promise<readonly FileChange[]> {
    return this.changes(layout, (before) => LAYOUTS[layout].unplan(before, originals, options));
  }

  askedBy(layout: Layout, contents: FileContents): SettingValues {
    return LAYOUTS[layout].persisted(contents);
  }

  async edited(layout: Layout): Promise<readonly EditedFile[]> {
    return LAYOUTS[layout].edited(await this.contents(LAYOUTS[layout].paths, 'skip irregular'));
  }

  isShared(path: string): boolean {
    return LEGACY_LAYOUT.paths.includes(path);
  }

  paths(layout: Layout): readonly string[] {
    return LAYOUTS[layout].paths;
  }

  async read(paths: readonly string[]): Promise<Readonly<Record<string, FileContent>>> {
    requireBootFilePaths(paths);
    return this.contents(paths);
  }

  async apply(changes: readonly FileChange[]): Promise<void> {
    requireBootFilePaths(changes.map(({ path }) => path));
    await applyAllOrNothing(this.files, changes);
  }

  async requireAppliable(changes: readonly FileChange[]): Promise<void> {
    requireBootFilePaths(changes.map(({ path }) => path));
    for (const { path, before } of changes) await expectContent(this.files, path, before);
    await this.files.requireWritable(changes);
  }

  /** Checks, without writing, whether the files of this layout can be written. @throws ConntrackError `BOOT_FILE_NOT_WRITABLE` */
  async requireWritable(layout: Layout): Promise<void> {
    const contents = await this.contents(LAYOUTS[layout].paths, 'skip irregular');
    await this.files.requireWritable(LAYOUTS[layout].paths.map((path) => ({ path, before: contents[path] ?? null, after: '\n' })));
  }

  async capability(layout: Layout): Promise<Capability> {
    const { paths } = LAYOUTS[layout];
    try {
      LAYOUTS[layout].plan(await this.contents(paths), {}, CHECK_ONLY);
      await this.requireWritable(layout);
      return { name: 'persist', available: true, via: paths.join(', ') };
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      const { remedy } = error.details;
      return { name: 'persist', available: false, reason: error.message, ...(remedy === undefined ? {} : { remedy }) };
    }
  }

  private async changes(layout: Layout, planned: (before: FileContents) => FileContents): Promise<readonly FileChange[]> {
    const { paths } = LAYOUTS[layout];
    const before = await this.contents(paths);
    const after = planned(before);
    return paths
      .map((path) => ({ path, before: before[path] ?? null, after: after[path] ?? null }))
      .filter((change) => change.before !== change.after);
  }

  /**
   * @param irregular `skip irregular` treats a path that is not a regular file as absent
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED` for a path that cannot be read or, unless skipped, is not a regular file
   */
  private async contents(paths: readonly string[], irregular: 'refuse' | 'skip irregular' = 'refuse'): Promise<FileContents> {
    const contents: Record<string, FileContent> = {};
    for (const path of paths) {
      const found = await this.files.find(path);
      if (found.kind === 'unreadable' || (found.kind === 'irregular' && irregular === 'refuse')) throw refused(path, found);
      contents[path] = found.kind === 'regular' ? found.content : null;
    }
    return contents;
  }
}

function requireBootFilePaths(paths: readonly string[]): void {
  const other = paths.find((path) => !PATHS.has(path));
  if (other !== undefined) throw new TypeError(`${other} is not a boot file of this service: expected one of ${[...PATHS].join(', ')}`);
}

/** Callers have checked names and ranges. Checked again because a wrong line can keep the firewall's module from loading at the next boot. */
function requirePersistable(values: SettingValues): void {
  if (values['max'] === undefined && values['buckets'] !== undefined) throw new TypeError('buckets are persisted together with max');
  for (const [name, value] of Object.entries(values)) {
    if (!/^\w+$/.test(name)) throw new TypeError(`expected the name of a setting, found ${JSON.stringify(name)}`);
    if (!Number.isSafeInteger(value) || (name === 'buckets' && value < 1))
      throw new TypeError(`expected a value for ${name}, found ${value}`);
  }
}
