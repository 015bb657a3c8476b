import fc from 'fast-check';
import type { BuiltModule } from './elf-module.ts';

/** Modules about connection tracking, each of which may need those before it. Aliases are those of several kernels, and patterns. */
const MODULES = ['nf_defrag_ipv4', 'nf_conntrack', 'nf_conntrack_ipv4', 'nf_conntrack_ftp', 'nf_nat', 'xt_state', 'nft_ct'] as const;
const ALIASES = [
  ...[
    'ip_conntrack',
    'nf_conntrack-2',
    'nf-conntrack-10',
    'ip_conntrack_ftp',
    'ip_nat_ftp',
    'ipt_state',
    'ip6t_state',
    'nft-expr-ct',
    'nf_nat',
  ],
  ...['ipt_*', 'ip_conntrack*', 'nf[-_]conntrack_?pv4', 'nf_conn[a-c]rack_*', '*_state', 'ip_[!c]*', 'nf_conntrack'],
] as const;
const NAMES: readonly string[] = [
  ...MODULES,
  ...[
    'ip_conntrack',
    'ip-conntrack',
    'nf_conntrack-2',
    'nf_conntrack_10',
    'ip_conntrack_ftp',
    'ip_nat_ftp',
    'ipt_state',
    'ip6t_state',
    'ipt_MASQUERADE',
  ],
  ...['nft-expr-ct', 'nf-conntrack-ipv4', 'nf_conntrack_ipv6', 'other', 'nf_built_in'],
];

const someOf = <T>(values: readonly T[], most: number): fc.Arbitrary<readonly T[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { maxLength: most });

const softdep = fc
  .array(fc.oneof({ weight: 1, arbitrary: fc.constantFrom('pre:', 'post:') }, { weight: 2, arbitrary: fc.constantFrom(...NAMES) }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((words) => words.join(' '));

/** `softdep NAME …` as it is written into modprobe.d. */
export const softdepLine: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('nf_conntrack', 'nf-nat', 'xt_state', 'nf_*', 'nft_ct'), softdep)
  .map(([module, words]) => `softdep ${module} ${words}`);

/** Names that a boot asks for. */
export const requested: fc.Arbitrary<readonly string[]> = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 4, maxLength: 4 });

export const aliasLine: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...ALIASES), fc.constantFrom(...MODULES, 'nf-conntrack', 'nothing'))
  .map(([pattern, module]) => `alias ${pattern} ${module}`);

export const installOrBlacklistLine: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('install %s /bin/true', 'install %s modprobe -i %s; echo', 'blacklist %s', 'remove %s /bin/true'),
    fc.constantFrom(...MODULES, 'ip_conntrack', 'nf-conntrack', 'xt_*', 'other'),
  )
  .map(([line, name]) => line.replaceAll('%s', name));

/** What a kernel package ships in /lib/modules. */
export const modules: fc.Arbitrary<readonly BuiltModule[]> = fc
  .tuple(
    someOf(MODULES, MODULES.length),
    fc.array(fc.tuple(someOf([0, 1, 2, 3, 4, 5], 3), someOf(ALIASES, 2), fc.option(softdep, { freq: 4 })), {
      minLength: MODULES.length,
      maxLength: MODULES.length,
    }),
  )
  .map(([names, details]) => {
    const present = MODULES.filter((name) => name === 'nf_conntrack' || names.includes(name));
    return present.map((name, index): BuiltModule => {
      const [needs, aliases, words] = details[index] ?? [[], [], null];
      const needed = needs.filter((at) => at < index).flatMap((at) => present[at] ?? []);
      return { name, needs: needed, aliases, ...(words !== null && { softdep: words }) };
    });
  });
