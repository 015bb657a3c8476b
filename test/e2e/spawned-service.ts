import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyKernelTree, type KernelTree } from '../support/kernel-tree.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

/** The built service as a separate process over a private copy of a recorded kernel tree. */
export class SpawnedService {
  readonly directory: string;
  readonly lines: string[] = [];
  private readonly tree: KernelTree;
  private child: ChildProcess | undefined;

  private constructor(tree: KernelTree, directory: string) {
    this.tree = tree;
    this.directory = directory;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** The kernel tree. */
  get root(): string {
    return this.tree.root;
  }

  static async prepare(): Promise<SpawnedService> {
    return new SpawnedService(await copyKernelTree('nf_conntrack'), await mkdtemp(join(tmpdir(), 'conntrack-api-spawned-')));
  }

  start(...flags: string[]): void {
    this.spawn(process.execPath, this.serve(flags));
  }

  /** As `start`, with a limit on open files. */
  startUnder(descriptors: number, ...flags: string[]): void {
    this.spawn('prlimit', [`--nofile=${String(descriptors)}`, process.execPath, ...this.serve(flags)]);
  }

  private serve(flags: readonly string[]): readonly string[] {
    return [MAIN, 'serve', '--root', this.tree.root, '--data-dir', join(this.directory, 'data'), '--port', '0', ...flags];
  }

  private spawn(program: string, args: readonly string[]): void {
    this.child = spawn(program, args, { env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      if (stream) createInterface(stream).on('line', (line) => this.lines.push(line));
  }

  signal(name: NodeJS.Signals): void {
    this.child?.kill(name);
  }

  /** Waits for the exit code. `null` if a signal ended the process. */
  async ended(): Promise<number | null> {
    if (this.child?.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child?.exitCode ?? null;
  }

  /** Waits until a matching line was printed. @returns its first capture group */
  async untilSaid(what: RegExp): Promise<string> {
    for (;;) {
      const found = what.exec(this.lines.join('\n'));
      if (found) return found[1] ?? '';
      await sleep(20);
    }
  }

  async remove(): Promise<void> {
    this.child?.kill();
    await this.ended();
    await this.tree.remove();
    await rm(this.directory, { recursive: true });
  }
}
