import { readlink } from 'node:fs/promises';
import { KernelProcesses } from '../../application/ports/kernel.ts';
import { mayContainWriter, writersIn, type RunningWriter, type WriterEvidence } from '../../domain/likely-owner.ts';
import type { SettingName } from '../../domain/setting.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { KernelFiles, orFailure } from '../kernel-files.ts';
import { linesOfWriters } from './writer-lines.ts';

/** Finds running processes in /proc, and lines in the files of programs that write settings. */
export class ProcfsProcesses extends KernelProcesses {
  private readonly files: KernelFiles;

  /** @param root `/`, or a directory with a kernel tree */
  constructor(root: string) {
    super();
    this.files = new KernelFiles(root);
  }

  async evidence(name: SettingName, value: number): Promise<WriterEvidence> {
    return { processes: await this.running(name), lines: await linesOfWriters(this.files, name, value) };
  }

  private async running(name: SettingName): Promise<readonly RunningWriter[]> {
    const entries = await orFailure(this.files.list('/proc'));
    if (entries instanceof KernelFileError) return [];
    const found = new Map<string, RunningWriter>();
    for (const pid of entries.filter((entry) => /^\d+$/.test(entry))) {
      for (const writer of await this.writersOf(pid, name)) found.set(writer.program, writer);
    }
    return [...found.values()];
  }

  private async writersOf(pid: string, name: SettingName): Promise<readonly RunningWriter[]> {
    const comm = await orFailure(this.files.readText(`/proc/${pid}/comm`));
    if (comm instanceof KernelFileError || !mayContainWriter(comm.trimEnd())) return [];
    if (await this.isInOtherNamespace(pid)) return [];
    const commandLine = await orFailure(this.files.readText(`/proc/${pid}/cmdline`));
    const words = commandLine instanceof KernelFileError ? [] : commandLine.split('\0').filter((word) => word !== '');
    return writersIn(comm.trimEnd(), words, name);
  }

  /** Such a process writes its own timeouts and cannot write max: kube-proxy in a container that simulates a node (kind). */
  private async isInOtherNamespace(pid: string): Promise<boolean> {
    const [own, its] = await Promise.all(['self', pid].map((id) => this.namespaceOf(id)));
    return own !== undefined && its !== undefined && own !== its;
  }

  private async namespaceOf(id: string): Promise<string | undefined> {
    try {
      return await readlink(this.files.place(`/proc/${id}/ns/net`));
    } catch {
      return undefined;
    }
  }
}
