import { expect, it } from 'vitest';
import { moved, notWritable, refused } from '../../../src/boot-files/boot-file-errors.ts';
import { insteadOfFile } from '../../../src/boot-files/found-file.ts';

const attributes = { mode: 0o644, uid: 0, gid: 0 };

it('shows the first line in which a file differs from what was expected', () => {
  const error = moved('/etc/sysctl.conf', 'a\nb\nc\n', { kind: 'regular', content: 'a\nB\nC\n', attributes });
  expect(error.details.conflicts).toEqual([{ subject: '/etc/sysctl.conf', expected: '"b" at line 2', found: '"B" at line 2' }]);
});

it('shows where a file has become longer', () => {
  const error = moved('/etc/sysctl.conf', 'a', { kind: 'regular', content: 'a\nb', attributes });
  expect(error.message).toBe('/etc/sysctl.conf has been altered: expected the end of the file at line 2, found "b" at line 2.');
});

it('says that a file has gone or come', () => {
  expect(moved('/etc/x', 'abc', { kind: 'absent' }).message).toContain('expected a file of 3 bytes, found no file');
  expect(moved('/etc/x', null, { kind: 'irregular', what: 'a directory' }).message).toContain('expected no file, found a directory');
});

it('gives the errno and what to do about it', () => {
  const { code, details } = notWritable('/etc/x', Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' }));
  expect([code, details.errno]).toEqual(['BOOT_FILE_WRITE_FAILED', 'EROFS']);
  expect(details.remedy).toContain('ReadWritePaths=');
});

it('refuses a file that cannot be read, instead of taking it for absent', () => {
  const found = insteadOfFile(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }));
  expect(found).toEqual({ kind: 'unreadable', errno: 'EACCES' });
  expect(refused('/etc/x', { kind: 'unreadable', errno: 'EACCES' }).details).toMatchObject({ errno: 'EACCES' });
});
