import { cp, mkdir, rm } from 'node:fs/promises';
import { run } from '../../kernel/support/run.ts';
import { compareAfterRestart, type Undisturbed } from './compare.ts';
import { restoreHost } from './host.ts';
import type { Stage } from './stage.ts';
import { compareOnceSettled, endedWithMessage, isProblem, type FaultFinding } from './try-fault.ts';

const CHANGES = 30;

/** Requests changes until well after a file system of this size is full, frees space, and compares the journal with the host. */
export async function changeOnTinyDisk(stage: Stage, sizeKibibytes: number, undisturbed: Undisturbed): Promise<readonly FaultFinding[]> {
  const { dataDir } = stage;
  restoreHost(undisturbed.beginning.host);
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { mode: 0o700 });
  await run('mount', ['-t', 'tmpfs', '-o', `mode=0700,size=${sizeKibibytes}k`, 'tiny', dataDir]);
  try {
    await cp(stage.template, dataDir, { recursive: true });
    return await changeUntilFull(stage, undisturbed);
  } finally {
    await run('umount', [dataDir]);
  }
}

async function changeUntilFull(stage: Stage, undisturbed: Undisturbed): Promise<readonly FaultFinding[]> {
  const found: FaultFinding[] = [];
  const service = stage.launch();
  const freeSpace = (): Promise<string> => run('mount', ['-o', 'remount,size=64m', stage.dataDir]);
  try {
    await service.untilServing();
    for (let index = 0; index < CHANGES; index += 1) {
      const answer = await stage.ask(service, 'PATCH', '/api/v1/settings', { settings: { udp_timeout: 31 + (index % 2) } });
      if (answer.status >= 400 && !isProblem(answer))
        found.push({ kind: 'answer', what: `${answer.status} ${answer.type}: ${answer.text}` });
    }
    await freeSpace();
    found.push(...(await compareOnceSettled(stage, service, undisturbed)));
  } catch (error) {
    const end = await Promise.race([service.ended, Promise.resolve(undefined)]);
    await freeSpace();
    if (!end || !endedWithMessage(service, end)) found.push({ kind: 'crash', what: `${String(error)}\n${service.output()}` });
  }
  await service.kill();
  return [...found, ...(await compareAfterRestart(stage, undisturbed))];
}
