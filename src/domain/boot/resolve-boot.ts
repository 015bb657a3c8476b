import type { BootLoading, BootResult, BootSetting } from './boot-result.ts';
import type { BootInput } from './boot-input.ts';
import { Findings } from './findings/finding-list.ts';
import { noteInitramfs } from './findings/initramfs-findings.ts';
import type { Scenario } from './loading.ts';
import { isUncertain, possibleServices, serviceRuns } from './parse/boot-services.ts';
import { runScenario, type ScenarioResult } from './run-scenario.ts';
import { noteSettings } from './findings/setting-findings.ts';
import { noteSyntax } from './findings/syntax-findings.ts';
import { noteIgnoredLines } from './findings/ignored-line-findings.ts';
import { unorderedFirewalls } from './parse/unordered-firewalls.ts';
import { volatileFiles, withoutVolatile } from './parse/volatile-files.ts';

/**
 * The value of every conntrack setting after the next boot. Some things may be unknown: whether connection tracking is a module, the init
 * system, whether a firewall loads the module before sysctls are set, whether files in memory are written again. Each case is then simulated,
 * and a value that differs between them is unknown.
 */
export function resolveBoot(sources: BootInput): BootResult {
  const { layout } = sources.kernel;
  const findings = new Findings();
  const volatile = volatileFiles(sources.files);
  const cases = volatile.length === 0 ? [sources] : [sources, { ...sources, files: withoutVolatile(sources.files) }];
  const [first, ...others] = cases.flatMap((each) => scenarios(each).map((scenario) => runScenario(each, scenario, findings)));
  if (first === undefined) throw new Error('expected at least one scenario, found none');
  const settings = others.reduce((known, other) => keepEqual(known, other.settings), first.settings);
  if (others.length > 0) noteUncertainty(findings, sources, settings, volatile);
  noteSyntax(findings, sources);
  noteIgnoredLines(findings, sources);
  noteInitramfs(findings, sources);
  noteSettings(findings, settings);
  return { layout, loading: commonLoading([first, ...others], sources), settings, findings: findings.list() };
}

function scenarios({ files, kernel }: BootInput): readonly Scenario[] {
  const possible = kernel.builtIn === null ? [false, true] : [kernel.builtIn];
  // Hosts with ip_conntrack are older than systemd.
  const init = kernel.layout === 'ip_conntrack' ? 'other' : files.init;
  const inits = init === 'unknown' ? (['systemd', 'other'] as const) : [init];
  const [firewallFirst] = unorderedFirewalls(files);
  return possible.flatMap((builtIn) =>
    inits.flatMap((each) =>
      possibleServices(files, each).flatMap((services): Scenario[] => {
        const scenario = { builtIn, init: each, services };
        const isRace = firewallFirst !== undefined && !builtIn && each === 'systemd';
        return isRace ? [scenario, { ...scenario, firewallFirst }] : [scenario];
      }),
    ),
  );
}

function keepEqual(known: readonly BootSetting[], others: readonly BootSetting[]): readonly BootSetting[] {
  const byName = new Map(others.map((setting) => [setting.name, setting]));
  return known.map((setting) => {
    const other = byName.get(setting.name);
    if (other === undefined || (other.value === setting.value && other.origin === setting.origin)) return setting;
    const { name, overridden } = setting;
    const alsoSetBy = setting.alsoSetBy ?? other.alsoSetBy;
    return { name, origin: 'unknown', overridden, ...(alsoSetBy && { alsoSetBy }) };
  });
}

function commonLoading(results: readonly ScenarioResult[], { files, kernel }: BootInput): BootLoading {
  const whens = new Set(results.map(({ loading }) => loading.when));
  const [first] = results;
  const { by, reappliedByRule } = first?.loading ?? {};
  const sysctlBy = kernel.layout === 'ip_conntrack' ? 'procps' : ({ systemd: 'systemd', other: 'procps', unknown: 'unknown' } as const);
  return {
    builtIn: kernel.builtIn,
    when: whens.size === 1 ? (first?.loading.when ?? 'unknown') : 'unknown',
    ...(by !== undefined && { by }),
    ...(reappliedByRule !== undefined && { reappliedByRule }),
    sysctlBy: typeof sysctlBy === 'string' ? sysctlBy : sysctlBy[files.init],
  };
}

function noteUncertainty(
  findings: Findings,
  { files, kernel }: BootInput,
  settings: readonly BootSetting[],
  volatile: readonly string[],
): void {
  const unknown = settings.filter(({ origin }) => origin === 'unknown').map(({ name }) => name);
  if (unknown.length === 0) return;
  const firewalls = unorderedFirewalls(files);
  const conditional = files.init === 'other' ? [] : Object.values(serviceRuns(files)).filter(isUncertain);
  const whether = [
    ...(kernel.builtIn === null ? ['whether connection tracking is a module or built in'] : []),
    ...(files.init === 'unknown' && kernel.layout === 'nf_conntrack' ? ['which init system runs'] : []),
    ...conditional.map(({ why }) => `the effect of a changed service (${why})`),
    ...firewalls.map(({ path }) => `whether ${path} loads connection tracking before or after sysctls are set (the two are not ordered)`),
    ...(volatile.length > 0
      ? [`whether ${volatile.join(', ')} will be written again (the directory is empty when the machine starts)`]
      : []),
  ];
  findings.add('BOOT_UNKNOWN', 'warning', `Unknown: ${whether.join(', and ')}. These values depend on it.`, {
    settings: unknown,
    lines: [...firewalls, ...conditional.flatMap(({ lines }) => lines)],
  });
}
