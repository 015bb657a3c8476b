import { chmod, mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ensureDirectory, removeFile, removeLeftovers, replaceFile } from '../../../src/boot-files/atomic-write.ts';
import { filesBelow, temporaryRoot } from './temporary-root.ts';

it('lets a reader that has the file open read the old bytes to the end', async () => {
  const path = join(await temporaryRoot({ '/file': 'old' }), 'file');
  const reader = await open(path);
  await replaceFile(path, 'new');
  expect(await reader.readFile('latin1')).toBe('old');
  await reader.close();
  expect(await readFile(path, 'latin1')).toBe('new');
});

it('sets the given attributes on the new file', async () => {
  const path = join(await temporaryRoot({ '/file': 'old' }), 'file');
  await chmod(path, 0o600);
  const { uid, gid } = await stat(path);
  await replaceFile(path, 'new', { mode: 0o600, uid, gid });
  expect((await stat(path)).mode & 0o7777).toBe(0o600);
});

it('leaves no file behind if it fails', async () => {
  const root = await temporaryRoot();
  await mkdir(join(root, 'file'));
  await expect(replaceFile(join(root, 'file'), 'new')).rejects.toMatchObject({ code: 'EISDIR' });
  expect(await readdir(root)).toEqual(['file']);
});

it('fails if there is no file to remove', async () => {
  await expect(removeFile(join(await temporaryRoot(), 'file'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('creates a directory and its parents, and accepts an existing one', async () => {
  const path = join(await temporaryRoot(), 'a/b/c');
  await ensureDirectory(path);
  await ensureDirectory(path);
  expect((await stat(path)).mode & 0o7777).toBe(0o755);
});

it('removes the temporary files that a killed process left for this file, and no others', async () => {
  const kept = {
    '/.other.conf.0123456789abcdef.tmp': '',
    '/.own.conf.swp': '',
    '/.own.conf.backup.tmp': '',
    '/own.conf': '',
    '/own.conf.0123456789abcdef.tmp': '',
  };
  const root = await temporaryRoot({ ...kept, '/.own.conf.0123456789abcdef.tmp': 'half' });
  await removeLeftovers(join(root, 'own.conf'));
  expect(await filesBelow(root)).toEqual(kept);
});
