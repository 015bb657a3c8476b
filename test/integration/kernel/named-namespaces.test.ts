import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NamedNamespaces } from '../../../src/kernel/named-namespaces.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'namespaces-'));
});

afterEach(() => rm(root, { recursive: true }));

describe('the named network namespaces', () => {
  it('are none if their directory does not exist', async () => {
    expect(await new NamedNamespaces(root, true).list()).toEqual([]);
  });

  it('are mounts only: not a file left by a removed namespace, a symbolic link (even to a namespace) or a directory', async () => {
    await mkdir(join(root, 'run/netns/directory'), { recursive: true });
    await writeFile(join(root, 'run/netns/left-over'), '');
    await symlink('/proc/self/ns/net', join(root, 'run/netns/own'));
    const namespaces = new NamedNamespaces(root, true);
    expect(await namespaces.list()).toEqual([]);
    for (const name of ['directory', 'left-over', 'own']) {
      await expect(namespaces.pathOf(name)).rejects.toMatchObject({ code: 'NAMESPACE_NOT_FOUND' });
    }
  });

  it.each(['', '.', '..', '../netns/blue', '/proc/self/ns/net', 'a/b', 'a\0b', 'x'.repeat(256)])(
    'are not found by the name %j',
    async (name) => {
      await expect(new NamedNamespaces(root, true).pathOf(name)).rejects.toMatchObject({ code: 'NAMESPACE_NOT_FOUND' });
    },
  );

  it('are neither listed nor found unless this is enabled; the namespace of the service is always available', async () => {
    const namespaces = new NamedNamespaces(root, false);
    await expect(namespaces.list()).rejects.toMatchObject({ code: 'NAMESPACES_DISABLED' });
    await expect(namespaces.pathOf('blue')).rejects.toMatchObject({ code: 'NAMESPACES_DISABLED' });
    expect(await namespaces.pathOf(undefined)).toBeUndefined();
  });

  it('cannot be listed if their directory is not a directory, with the errno', async () => {
    await mkdir(join(root, 'run'));
    await symlink('netns', join(root, 'run/netns'));
    await expect(new NamedNamespaces(root, true).list()).rejects.toMatchObject({ code: 'KERNEL_UNREADABLE', details: { errno: 'ELOOP' } });
  });
});
