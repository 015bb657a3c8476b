import type { Capability } from '../../domain/capabilities.ts';
import type { FileChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Layout } from '../../domain/layout.ts';
import type { OriginalValues, PersistOptions } from '../../domain/persist-options.ts';
import type { SettingValues } from '../../domain/setting.ts';
import { foreign, restoreFailed } from '../boot-file-errors.ts';
import { EtcBootFiles } from '../etc-boot-files.ts';
import { MODERN_LAYOUT } from '../modern-layout.ts';
import { askHelper, HelperLost, notReachable } from './ask-helper.ts';
import { whyNotPermitted } from './permitted.ts';
import type { HelperRequest } from './protocol.ts';

/** Each question of whether the helper is ready starts a process. */
const READY_MILLISECONDS = 10_000;

/** Reads the boot files itself and has them written by the helper, which alone is root. On the modern layout only. */
export class HelperBootFiles extends EtcBootFiles {
  private readonly socketPath: string;
  private readonly now: () => number;
  private seenReady = -Infinity;

  constructor(root: string, socketPath: string, now = (): number => performance.now()) {
    super(root);
    this.socketPath = socketPath;
    this.now = now;
  }

  override get privileges(): 'root' | 'separated' {
    return process.getuid?.() === 0 ? 'root' : 'separated';
  }

  override async plan(layout: Layout, values: SettingValues, terms: PersistOptions): Promise<readonly FileChange[]> {
    requireModern(layout);
    return super.plan(layout, values, terms);
  }

  override async unplan(layout: Layout, originals: OriginalValues, terms: PersistOptions): Promise<readonly FileChange[]> {
    requireModern(layout);
    return super.unplan(layout, originals, terms);
  }

  /** What the helper refuses, forwards or backwards, and a helper that is not there, are found before anything moves. */
  override async requireAppliable(changes: readonly FileChange[]): Promise<void> {
    for (const { path, before, after } of changes) {
      const why = whyNotPermitted({ path, before, after }) ?? whyNotPermitted({ path, before: null, after: before });
      if (why !== undefined)
        throw foreign(path, `is not for the boot helper to write: ${why}`, 'Move the file to another name, or remove it.');
    }
    await this.ask({ ask: 'ready' });
  }

  override async apply(changes: readonly FileChange[]): Promise<void> {
    if (changes.length === 0) return;
    try {
      await askHelper(this.socketPath, { ask: 'apply', changes });
    } catch (error) {
      if (!(error instanceof HelperLost)) throw error;
      if (error.isConnected) await this.putBack(changes, error);
      throw notReachable(this.socketPath, error);
    }
  }

  override async requireWritable(layout: Layout): Promise<void> {
    requireModern(layout);
    if (this.now() - this.seenReady > READY_MILLISECONDS) await this.ask({ ask: 'ready' });
  }

  override async capability(layout: Layout): Promise<Capability> {
    const found = await super.capability(layout);
    return found.available ? { ...found, via: `${found.via ?? ''} through ${this.socketPath}` } : found;
  }

  private async ask(request: HelperRequest): Promise<void> {
    try {
      await askHelper(this.socketPath, request);
      this.seenReady = this.now();
    } catch (error) {
      this.seenReady = -Infinity;
      throw error instanceof HelperLost ? notReachable(this.socketPath, error) : error;
    }
  }

  /** A helper that was killed in the middle leaves some of the files written: another one is asked to undo that. */
  private async putBack(changes: readonly FileChange[], lost: HelperLost): Promise<void> {
    try {
      const found = await this.read(changes.map(({ path }) => path));
      const written = changes.filter(({ path, before }) => found[path] !== before);
      const undoing = written.toReversed().map(({ path, before }) => ({ path, before: found[path] ?? null, after: before }));
      if (undoing.length > 0) await askHelper(this.socketPath, { ask: 'apply', changes: undoing });
    } catch (error) {
      throw restoreFailed(notReachable(this.socketPath, lost), [error]);
    }
  }
}

function requireModern(layout: Layout): void {
  if (layout === 'nf_conntrack') return;
  throw new ConntrackError(
    'NOT_SUPPORTED_HERE',
    `The boot helper writes ${MODERN_LAYOUT.paths.join(', ')} only, and ip_conntrack is persisted in files that everybody shares.`,
    { remedy: 'Run the service as root and without --boot-helper to persist settings of ip_conntrack.' },
  );
}
