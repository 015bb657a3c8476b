import type { Capability } from '../../domain/capabilities.ts';
import type { FileChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Layout } from '../../domain/layout.ts';
import type { OriginalValues, PersistOptions } from '../../domain/persist-options.ts';
import type { SettingValues } from '../../domain/setting.ts';
import { notManaged, restoreFailed } from '../boot-file-errors.ts';
import { EtcBootFiles } from '../etc-boot-files.ts';
import { MODERN_LAYOUT } from '../modern-layout.ts';
import { askHelper, HelperLost, notReachable } from './ask-helper.ts';
import { whyNotPermitted } from './permitted.ts';
import type { HelperRequest } from './protocol.ts';

/** How long a successful readiness check counts: each check starts a process. */
const READY_MILLISECONDS = 10_000;

/** Reads the boot files itself and writes them through the helper, the only process that runs as root. Modern layout only. */
export class HelperBootFiles extends EtcBootFiles {
  private readonly socketPath: string;
  private readonly now: () => number;
  private lastReady = -Infinity;

  constructor(root: string, socketPath: string, now = (): number => performance.now()) {
    super(root);
    this.socketPath = socketPath;
    this.now = now;
  }

  override get privileges(): 'root' | 'separated' {
    return process.getuid?.() === 0 ? 'root' : 'separated';
  }

  override async plan(layout: Layout, values: SettingValues, options: PersistOptions): Promise<readonly FileChange[]> {
    requireModern(layout);
    return super.plan(layout, values, options);
  }

  override async unplan(layout: Layout, originals: OriginalValues, options: PersistOptions): Promise<readonly FileChange[]> {
    requireModern(layout);
    return super.unplan(layout, originals, options);
  }

  /** Before anything is changed, finds a helper that does not run and changes that it would refuse to apply or to revert. */
  override async requireAppliable(changes: readonly FileChange[]): Promise<void> {
    for (const { path, before, after } of changes) {
      const why = whyNotPermitted({ path, before, after }) ?? whyNotPermitted({ path, before: null, after: before });
      if (why !== undefined) throw notManaged(path, `cannot be written through the boot helper: ${why}`, 'Rename or remove the file.');
    }
    await this.check({ ask: 'check', changes });
  }

  override async apply(changes: readonly FileChange[]): Promise<void> {
    if (changes.length === 0) return;
    try {
      await askHelper(this.socketPath, { ask: 'apply', changes });
    } catch (error) {
      if (!(error instanceof HelperLost)) throw error;
      if (error.isConnected) await this.restore(changes, error);
      throw notReachable(this.socketPath, error);
    }
  }

  override async requireWritable(layout: Layout): Promise<void> {
    requireModern(layout);
    if (this.now() - this.lastReady > READY_MILLISECONDS) await this.check({ ask: 'ready' });
  }

  override async capability(layout: Layout): Promise<Capability> {
    const found = await super.capability(layout);
    return found.available ? { ...found, via: `${found.via ?? ''} through ${this.socketPath}` } : found;
  }

  /** Nothing is written: whatever refuses does so in advance. */
  private async check(request: HelperRequest): Promise<void> {
    try {
      await askHelper(this.socketPath, request);
      this.lastReady = this.now();
    } catch (error) {
      this.lastReady = -Infinity;
      throw inAdvance(error instanceof HelperLost ? notReachable(this.socketPath, error) : error);
    }
  }

  /** A helper that is killed can leave some of the files written. Restores them through another one. */
  private async restore(changes: readonly FileChange[], lost: HelperLost): Promise<void> {
    try {
      const found = await this.read(changes.map(({ path }) => path));
      const written = changes.filter(({ path, before }) => found[path] !== before);
      const restoring = written.toReversed().map(({ path, before }) => ({ path, before: found[path] ?? null, after: before }));
      if (restoring.length > 0) await askHelper(this.socketPath, { ask: 'apply', changes: restoring });
    } catch (error) {
      throw restoreFailed(notReachable(this.socketPath, lost), [error]);
    }
  }
}

function inAdvance(error: unknown): unknown {
  if (!(error instanceof ConntrackError) || error.code !== 'BOOT_FILE_WRITE_FAILED') return error;
  return new ConntrackError('BOOT_FILE_NOT_WRITABLE', error.message, error.details);
}

function requireModern(layout: Layout): void {
  if (layout === 'nf_conntrack') return;
  throw new ConntrackError(
    'NOT_SUPPORTED_HERE',
    `The boot helper writes ${MODERN_LAYOUT.paths.join(', ')} only. Settings of ip_conntrack are persisted in files that other programs write too.`,
    { remedy: 'Run the service as root and without --boot-helper to persist settings of ip_conntrack.' },
  );
}
