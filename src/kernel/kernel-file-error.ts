import { ConntrackError } from '../domain/conntrack-error.ts';
import type { ErrorCode } from '../domain/error-codes.ts';
import type { Unavailable } from '../domain/layout.ts';
import { isAbsent, type SystemFailure } from './system-failure.ts';

export type FileUse = 'read' | 'write';

const OTHER = 'Check what this kernel supports (GET /capabilities).';
const PRIVILEGE: Readonly<Record<FileUse, string>> = {
  read: 'Run the service as root, or give it CAP_DAC_READ_SEARCH.',
  write: 'Run the service as root with CAP_NET_ADMIN.',
};
const REMEDIES: Readonly<Record<string, string>> = {
  EROFS:
    'Give the service a writable /proc/sys: no ProtectKernelTunables= in its systemd unit; for its container --security-opt systempaths=unconfined (Docker) ' +
    'or unmask=/proc/sys (Podman); for its pod see deploy/kubernetes.',
  EOPNOTSUPP: 'Change it in the initial network namespace.',
  // The same errno on Linux. Node uses this name.
  ENOTSUP: 'Change it in the initial network namespace.',
  ENOTCONN: 'Mount the host again: the connection to it is lost.',
  EINVAL: 'Choose a value that this kernel accepts.',
  ENOMEM: 'Choose a smaller value, or free memory.',
};

/** A kernel file that cannot be read or written. Paths are those of the host, without the root. */
export class KernelFileError extends ConntrackError {
  readonly path: string;
  readonly failure: SystemFailure;
  readonly remedy: string;
  /** The message without its full stop. */
  readonly reason: string;

  constructor(use: FileUse, path: string, failure: SystemFailure, remedy?: string) {
    const reason = `${path} cannot be ${use === 'read' ? 'read' : 'written'}: ${failure.message} (${failure.code})`;
    const action = remedy ?? (isPrivilege(failure) ? PRIVILEGE[use] : (REMEDIES[failure.code] ?? OTHER));
    super(use === 'read' ? 'KERNEL_UNREADABLE' : 'KERNEL_REFUSED', `${reason}.`, { errno: failure.code, remedy: action });
    this.name = 'KernelFileError';
    this.path = path;
    this.failure = failure;
    this.remedy = action;
    this.reason = reason;
  }

  toConntrackError(code: ErrorCode, remedy = this.remedy): ConntrackError {
    return new ConntrackError(code, this.message, { errno: this.failure.code, remedy, cause: this });
  }

  toUnavailable(field: string): Unavailable {
    return { field, code: isAbsent(this.failure) ? 'ABSENT' : this.failure.code, detail: this.message, remedy: this.remedy };
  }
}

function isPrivilege({ code }: SystemFailure): boolean {
  return code === 'EACCES' || code === 'EPERM';
}
