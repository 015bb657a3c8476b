import { expect, it } from 'vitest';
import { changed, notWritable, refused } from '../../../src/boot-files/boot-file-errors.ts';
import { foundInstead } from '../../../src/boot-files/found-file.ts';

const attributes = { mode: 0o644, uid: 0, gid: 0 };

it('shows the first line in which a file differs from the expected one', () => {
  const error = changed('/etc/sysctl.conf', 'a\nb\nc\n', { kind: 'regular', content: 'a\nB\nC\n', attributes });
  expect(error.details.conflicts).toEqual([{ subject: '/etc/sysctl.conf', expected: '"b" at line 2', found: '"B" at line 2' }]);
});

it('shows where a file became longer', () => {
  const error = changed('/etc/sysctl.conf', 'a', { kind: 'regular', content: 'a\nb', attributes });
  expect(error.message).toBe(
    '/etc/sysctl.conf was changed by another writer: expected the end of the file at line 2, found "b" at line 2.',
  );
});

it('reports that a file was removed or created', () => {
  expect(changed('/etc/x', 'abc', { kind: 'absent' }).message).toContain('expected a file of 3 bytes, found no file');
  expect(changed('/etc/x', null, { kind: 'irregular', what: 'a directory' }).message).toContain('expected no file, found a directory');
});

it('contains the errno and a remedy', () => {
  const { code, details } = notWritable('/etc/x', Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' }));
  expect([code, details.errno]).toEqual(['BOOT_FILE_WRITE_FAILED', 'EROFS']);
  expect(details.remedy).toContain('ReadWritePaths=');
});

it('refuses a file that cannot be read instead of treating it as absent', () => {
  const found = foundInstead(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }));
  expect(found).toEqual({ kind: 'unreadable', errno: 'EACCES' });
  expect(refused('/etc/x', { kind: 'unreadable', errno: 'EACCES' }).details).toMatchObject({ errno: 'EACCES' });
});
