import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { KernelFileError } from './kernel-file-error.ts';
import { isAbsent, systemFailure } from './system-failure.ts';

/** Where `ip netns` mounts named network namespaces (ip-netns(8)). */
export const NAMESPACES_DIRECTORY = '/run/netns';
/** A valid file name that does not leave the directory. */
const NAME = /^(?!\.{1,2}$)[^/\0]{1,255}$/;
/** `NSFS_MAGIC` of linux/magic.h. Tells a mounted namespace from the empty file that a removed one leaves. */
const NAMESPACE_FILE_SYSTEM = 0x6e73_6673;

/** A named network namespace as it is now. */
export interface NamespacePlace {
  readonly name: string;
  readonly path: string;
  /** Device and inode of the namespace. Another namespace of the same name has another one while the first one is still in use. */
  readonly identity: string;
}

/** The named network namespaces, if access to them is enabled. */
export class NamedNamespaces {
  readonly directory: string;
  private readonly isEnabled: boolean;

  constructor(root: string, isEnabled: boolean) {
    this.directory = join(root, NAMESPACES_DIRECTORY);
    this.isEnabled = isEnabled;
  }

  /** Sorted. @throws ConntrackError `NAMESPACES_DISABLED`, `KERNEL_UNREADABLE` */
  async list(): Promise<readonly string[]> {
    this.requireEnabled();
    const names = await this.reading(() => readdir(this.directory), []);
    const identities = await Promise.all(names.map((name) => this.identityOf(name)));
    return names.filter((_, index) => identities[index] !== undefined).sort();
  }

  /** `undefined` for the namespace of the service. @throws ConntrackError `NAMESPACES_DISABLED`, `NAMESPACE_NOT_FOUND`, `KERNEL_UNREADABLE` */
  async pathOf(name: string | undefined): Promise<string | undefined> {
    return name === undefined ? undefined : this.pathOfNamed(name);
  }

  /** @throws as `pathOf` */
  async pathOfNamed(name: string): Promise<string> {
    return (await this.locate(name)).path;
  }

  /** @throws as `pathOf` */
  async locate(name: string): Promise<NamespacePlace> {
    this.requireEnabled();
    const identity = NAME.test(name) ? await this.identityOf(name) : undefined;
    if (identity !== undefined) return { name, path: join(this.directory, name), identity };
    throw namespaceNotFound();
  }

  /** @throws ConntrackError `NAMESPACES_DISABLED` */
  requireEnabled(): void {
    if (this.isEnabled) return;
    throw new ConntrackError('NAMESPACES_DISABLED', 'Access to other network namespaces is not enabled.', {
      remedy: 'Start the service with --namespaces (CONNTRACK_API_NAMESPACES=true), as root or with CAP_SYS_ADMIN.',
    });
  }

  /** `undefined` if there is no namespace of this name now. @throws ConntrackError `KERNEL_UNREADABLE` */
  identityOf(name: string): Promise<string | undefined> {
    const path = join(this.directory, name);
    return this.reading(async () => {
      const status = await lstat(path, { bigint: true });
      return status.isFile() && (await statfs(path)).type === NAMESPACE_FILE_SYSTEM ? toIdentity(status) : undefined;
    }, undefined);
  }

  /** @param absent result if the directory or file does not exist */
  private async reading<T>(action: () => Promise<T>, absent: T): Promise<T> {
    try {
      return await action();
    } catch (error) {
      const failure = systemFailure(error);
      if (isAbsent(failure)) return absent;
      throw new KernelFileError('read', NAMESPACES_DIRECTORY, failure).toConntrackError('KERNEL_UNREADABLE');
    }
  }
}

export function namespaceNotFound(): ConntrackError {
  return new ConntrackError('NAMESPACE_NOT_FOUND', `There is no network namespace of this name in ${NAMESPACES_DIRECTORY}.`, {
    remedy: 'List them (GET /namespaces).',
  });
}

/** The identity of a namespace from the status of its file. */
export function toIdentity({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${String(dev)}:${String(ino)}`;
}
