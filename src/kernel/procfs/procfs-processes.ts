import { KernelProcesses } from '../../application/ports/kernel.ts';
import { KNOWN_WRITERS } from '../../domain/likely-owner.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { KernelFiles, orFailure } from '../kernel-files.ts';

/** Finds running processes by /proc/PID/comm, which truncates names to 15 characters. */
export class ProcfsProcesses extends KernelProcesses {
  private readonly files: KernelFiles;

  /** @param root `/`, or a directory with a kernel tree */
  constructor(root: string) {
    super();
    this.files = new KernelFiles(root);
  }

  async knownWriters(): Promise<readonly string[]> {
    const entries = await orFailure(this.files.list('/proc'));
    if (entries instanceof KernelFileError) return [];
    const running = new Set<string>();
    for (const pid of entries.filter((entry) => /^\d+$/.test(entry))) {
      const comm = await orFailure(this.files.readText(`/proc/${pid}/comm`));
      if (!(comm instanceof KernelFileError)) running.add(comm.trim());
    }
    return Object.keys(KNOWN_WRITERS).filter((name) => running.has(name));
  }
}
