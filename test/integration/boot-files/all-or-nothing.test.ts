import { chmod, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyAllOrNothing } from '../../../src/boot-files/all-or-nothing.ts';
import { RootedFiles } from '../../../src/boot-files/rooted-files.ts';
import type { FileContent } from '../../../src/domain/change.ts';
import { filesBelow, temporaryRoot } from './temporary-root.ts';

const [REPLACED, CREATED, REMOVED, BROKEN] = ['/etc/replaced', '/etc/created', '/etc/removed', '/etc/broken.d/file'] as const;
const BEFORE = { [REPLACED]: 'old\n', [REMOVED]: 'gone \xe9\n' };
const CHANGES = [
  { path: REPLACED, before: 'old\n', after: 'new\n' },
  { path: CREATED, before: null, after: 'fresh\n' },
  { path: REMOVED, before: BEFORE[REMOVED], after: null },
];

/** Real files, with one write that fails: no real directory accepts one write and then refuses the next, for root too. */
class FilesThatBreak extends RootedFiles {
  private readonly failing: (path: string, content: FileContent) => boolean;

  constructor(root: string, failing: (path: string, content: FileContent) => boolean) {
    super(root);
    this.failing = failing;
  }

  override async put(...[path, content, attributes]: Parameters<RootedFiles['put']>): Promise<void> {
    if (this.failing(path, content)) throw new Error(`${path} broke.`);
    await super.put(path, content, attributes);
  }
}

describe('a set of changes', () => {
  it('is written as a whole', async () => {
    const root = await temporaryRoot(BEFORE);
    await applyAllOrNothing(new RootedFiles(root), CHANGES);
    expect(await filesBelow(root)).toEqual({ [REPLACED]: 'new\n', [CREATED]: 'fresh\n' });
  });

  it('leaves no trace if a directory is not writable', async () => {
    const root = await temporaryRoot(BEFORE);
    await chmod(join(root, REMOVED), 0o600);
    await symlink('nowhere', join(root, '/etc/broken.d'));
    const failure = applyAllOrNothing(new RootedFiles(root), [...CHANGES, { path: BROKEN, before: null, after: 'x' }]);
    await expect(failure).rejects.toMatchObject({ code: 'BOOT_FILE_WRITE_FAILED', details: { errno: 'ENOENT' } });
    expect(await filesBelow(root)).toEqual(BEFORE);
    expect((await stat(join(root, REMOVED))).mode & 0o7777).toBe(0o600);
  });

  it('is restored in reverse order', async () => {
    const root = await temporaryRoot(BEFORE);
    const again = { path: REPLACED, before: 'new\n', after: 'newer\n' };
    const failure = applyAllOrNothing(new RootedFiles(root), [...CHANGES, again, { path: CREATED, before: 'other\n', after: null }]);
    await expect(failure).rejects.toMatchObject({ code: 'BOOT_FILE_CHANGED' });
    expect(await filesBelow(root)).toEqual(BEFORE);
  });

  it('leaves no trace if a later file is not as expected, and reports what was found', async () => {
    const root = await temporaryRoot({ ...BEFORE, [BROKEN]: 'theirs\n' });
    const failure = applyAllOrNothing(new RootedFiles(root), [...CHANGES, { path: BROKEN, before: 'ours\n', after: 'x' }]);
    const conflict = { subject: BROKEN, expected: '"ours" at line 1', found: '"theirs" at line 1' };
    await expect(failure).rejects.toMatchObject({ code: 'BOOT_FILE_CHANGED', details: { conflicts: [conflict] } });
    expect(await filesBelow(root)).toEqual({ ...BEFORE, [BROKEN]: 'theirs\n' });
  });

  it('restores a file if the failure came after its new content was in place', async () => {
    const root = await temporaryRoot(BEFORE);
    class FilesThatBreakLate extends RootedFiles {
      override async put(...[path, content, attributes]: Parameters<RootedFiles['put']>): Promise<void> {
        await super.put(path, content, attributes);
        if (path === REMOVED && content === null) throw new Error('The directory was not synced.');
      }
    }
    await expect(applyAllOrNothing(new FilesThatBreakLate(root), CHANGES)).rejects.toThrow('not synced');
    expect(await filesBelow(root)).toEqual(BEFORE);
  });

  it('reports both errors if restoring fails too, and restores the other files', async () => {
    const root = await temporaryRoot(BEFORE);
    const files = new FilesThatBreak(root, (path, content) => path === REMOVED || (path === CREATED && content === null));
    await expect(applyAllOrNothing(files, CHANGES)).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      message: expect.stringMatching(`Writing: ${REMOVED} broke. Restoring: ${CREATED} broke.`) as string,
    });
    expect(await filesBelow(root)).toEqual({ ...BEFORE, [CREATED]: 'fresh\n' });
  });

  it('does not overwrite what another writer wrote in the meantime when restoring', async () => {
    const root = await temporaryRoot(BEFORE);
    const outsider = new RootedFiles(root);
    class FilesThatMove extends RootedFiles {
      override async put(...[path, content, attributes]: Parameters<RootedFiles['put']>): Promise<void> {
        await super.put(path, content, attributes);
        if (path === CREATED) await outsider.put(REPLACED, 'theirs\n');
        if (path === CREATED) throw new Error('Broke.');
      }
    }
    await expect(applyAllOrNothing(new FilesThatMove(root), CHANGES)).rejects.toMatchObject({ code: 'RESTORE_FAILED' });
    expect(await filesBelow(root)).toMatchObject({ [REPLACED]: 'theirs\n', [REMOVED]: BEFORE[REMOVED] });
  });
});
