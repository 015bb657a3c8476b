import type { Command } from 'commander';
import { dataDirOption } from '../config/serve-options.ts';
import type { BackupFlags, RestoreFlags } from './command-flags.ts';

/** `journal backup` and `journal restore`. */
export function addBackupCommands(journal: Command): void {
  journal
    .command('backup')
    .description('copy the journal with its tokens to a file, and verify the copy; works while the service runs')
    .argument('<file>', 'file to create (mode 0600); it contains addresses and the hashes of the tokens')
    .option('--force', 'replace the file if it exists')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (file: string, flags: BackupFlags) => {
      (await import('./backup-commands.ts')).backUp(file, flags);
    });
  journal
    .command('restore')
    .description(
      'replace the journal and its tokens by a verified backup; stop the service first. The present journal is kept under another name',
    )
    .argument('<file>', 'file that journal backup wrote')
    .option('--yes', 'do not ask')
    .addOption(dataDirOption())
    .action(async (file: string, flags: RestoreFlags) => (await import('./backup-commands.ts')).restore(file, flags));
}
