import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARCHITECTURES } from './architecture.ts';
import { DEPLOY, MANIFEST, sourceDate, temporaryDirectory } from './checkout.ts';
import { contents } from './contents.ts';
import type { Packaged } from './packaged.ts';

const LAYOUT = {
  licences: 'usr/share/licenses/conntrack-api',
  licenceOfService: 'LICENSE',
  zshCompletion: 'usr/share/zsh/site-functions/_conntrack-api',
};

/** Needs rpmbuild. @returns the path of the package */
export function buildRpm({ architecture, dependencies, version, packageVersion, out }: Packaged): string {
  const tree = contents(architecture, dependencies, LAYOUT);
  const epoch = sourceDate();
  tree.normalise(epoch);
  const { rpm } = ARCHITECTURES[architecture];
  const work = temporaryDirectory();
  const macros = {
    _topdir: work,
    _rpmdir: work,
    _build_name_fmt: 'built.rpm',
    product_tree: tree.root,
    product_version: packageVersion,
    product_licence: MANIFEST.license,
    product_description: MANIFEST.description,
  };
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  execFileSync('rpmbuild', ['-bb', '--quiet', `--target=${rpm}-linux`, ...defines, join(DEPLOY, 'rpm/conntrack-api.spec')], {
    env: { ...process.env, SOURCE_DATE_EPOCH: epoch },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const path = join(out, `conntrack-api-${version}-1.${rpm}.rpm`);
  copyFileSync(join(work, 'built.rpm'), path);
  return path;
}
