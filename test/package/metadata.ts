import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

const CONFIGURATION = '/etc/conntrack-api/conntrack-api.env\n';

/** Checks the fields, configuration files and scripts of a package of each format. */
export const METADATA: Readonly<Record<'deb' | 'rpm', (file: string, architecture: string) => void>> = {
  deb: (file, architecture) => {
    assert.equal(dpkg('--field', file, 'Architecture'), `${architecture}\n`);
    assert.equal(dpkg('--field', file, 'Depends'), 'libc6 (>= 2.34), libstdc++6 (>= 11), passwd, systemd (>= 247)\n');
    assert.equal(dpkg('--info', file, 'conffiles'), CONFIGURATION);
    for (const script of ['postinst', 'prerm', 'postrm']) assert.match(dpkg('--info', file, script), /^#!\/bin\/sh\nset -e\n/);
  },
  rpm: (file, architecture) => {
    assert.equal(rpm(file, '--queryformat', '%{ARCH} %{BUILDHOST} %{LICENSE}'), `${architecture} localhost Apache-2.0`);
    assert.equal(rpm(file, '--configfiles'), CONFIGURATION);
    assert.deepEqual(requirements(file), [
      '/usr/bin/setpriv',
      'libc.so.6(GLIBC_2.34)(64bit)',
      'libstdc++.so.6(GLIBCXX_3.4.29)(64bit)',
      'systemd >= 247',
    ]);
    // Only the package itself, once with and once without the architecture: a bundled library must not satisfy another package.
    assert.match(rpm(file, '--provides'), /^conntrack-api = \S+\nconntrack-api\([\w-]+\) = \S+\n$/);
    const scripts = rpm(file, '--scripts').matchAll(/^(\w+) scriptlet \(using \/bin\/sh\):$/gm);
    assert.deepEqual([...scripts].map(([, name]) => name).sort(), [
      'postinstall',
      'posttrans',
      'postuninstall',
      'preinstall',
      'preuninstall',
    ]);
    // Every file belongs to root, and only root can change it.
    assert.deepEqual(
      rpm(file, '--queryformat', '[%{FILEUSERNAME} %{FILEGROUPNAME} %{FILEMODES:perms}\n]')
        .trim()
        .split('\n')
        .filter((line) => !/^root root (l|.rw[-x]r-[-x]r-[-x]$)/.test(line)),
      [],
    );
  },
};

function requirements(file: string): readonly string[] {
  const lines = rpm(file, '--requires').trim().split('\n');
  return [...new Set(lines.filter((line) => !line.startsWith('rpmlib(') && line !== '/bin/sh'))].sort();
}

function dpkg(...args: readonly string[]): string {
  return execFileSync('dpkg-deb', args, { encoding: 'utf8' });
}

function rpm(file: string, ...args: readonly string[]): string {
  return execFileSync('rpm', ['-qp', ...args, file], { encoding: 'utf8', maxBuffer: 1 << 26 });
}
