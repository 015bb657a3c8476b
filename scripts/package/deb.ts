import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { DEPLOY, MANIFEST, sourceDate } from './checkout.ts';
import { contents } from './contents.ts';
import type { Packaged } from './packaged.ts';
import type { Tree } from './tree.ts';

const LAYOUT = {
  licences: 'usr/share/doc/conntrack-api',
  licenceOfService: 'copyright',
  zshCompletion: 'usr/share/zsh/vendor-completions/_conntrack-api',
};

/** @returns the path of the package */
export function buildDeb({ architecture, dependencies, version, packageVersion, out }: Packaged): string {
  const tree = contents(architecture, dependencies, LAYOUT);
  addControlFiles(tree, architecture, packageVersion);
  const epoch = sourceDate();
  tree.normalise(epoch);
  const path = join(out, `conntrack-api_${version}_${architecture}.deb`);
  const options = ['--root-owner-group', '-Zxz', '-z1', '--threads-max=1'];
  execFileSync('dpkg-deb', [...options, '--build', tree.root, path], {
    env: { ...process.env, SOURCE_DATE_EPOCH: epoch },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return path;
}

function addControlFiles(tree: Tree, architecture: string, version: string): void {
  const kilobytes = execFileSync('du', ['-sk', '--apparent-size', tree.root], { encoding: 'utf8' }).split('\t')[0] ?? '';
  for (const script of ['postinst', 'prerm', 'postrm']) tree.put(join(DEPLOY, 'debian', script), `DEBIAN/${script}`, 0o755);
  tree.write('DEBIAN/conffiles', '/etc/conntrack-api/conntrack-api.env\n');
  const fields = {
    Package: 'conntrack-api',
    Version: version,
    Architecture: architecture,
    Maintainer: 'conntrack-api maintainers <maintainers@localhost>',
    Section: 'net',
    Priority: 'optional',
    'Installed-Size': kilobytes,
    Depends: 'libc6 (>= 2.34), libstdc++6 (>= 11), passwd, systemd (>= 247)',
    Description: `${MANIFEST.description}\n The service runs as an unprivileged user with CAP_NET_ADMIN only; a helper writes its boot files.`,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  tree.write('DEBIAN/control', lines.join(''));
}
