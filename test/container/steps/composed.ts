import { readdir } from 'node:fs/promises';
import { composed } from '../support/compose.ts';
import { hostDirectory } from '../support/host-directory.ts';
import { Instance } from '../support/instance.ts';
import { changeAndRollBack, expectConfined, expectRecord, expectTable, expectUnavailable } from './expect.ts';
import type { Step } from './step.ts';

const BOOT_DIRECTORIES = ['/etc/sysctl.d', '/etc/modprobe.d', '/etc/modules-load.d'];

/** Boot files that the service wrote to the directories standing in for those of the host. */
export async function bootFilesIn(directory: string): Promise<readonly string[]> {
  const listed = BOOT_DIRECTORIES.map(async (path) => readdir(await hostDirectory(directory, path)));
  return (await Promise.all(listed)).flat();
}

export const COMPOSED_STEPS: Readonly<Record<string, Step>> = {
  'with the compose file: first token, table, a persisted change, its rollback; the journal survives the container': async ({
    runc,
    directory,
  }) => {
    const args = await composed(directory);
    const first = await (await Instance.run(runc, 'composed', args)).firstToken();
    await expectConfined(first);
    await expectTable(first);
    await expectUnavailable(first, {});
    const ids = await changeAndRollBack(first, () => bootFilesIn(directory));
    await first.restart();
    await expectRecord(first, ids);
    await first.remove();
    const second = (await Instance.run(runc, 'again', args)).withTokenOf(first);
    await expectRecord(second, ids);
    const memory = await second.exec('sh', '-c', 'sed -n "s/^VmHWM:[^0-9]*//p" /proc/1/status');
    await second.remove();
    return `peak memory: ${memory.trim()}`;
  },
};
