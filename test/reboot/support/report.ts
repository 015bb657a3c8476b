import type { Beginning } from './beginning.ts';
import type { CellResult } from './cell.ts';
import type { Mistake } from './judge.ts';

const SHOWN = ['max', 'buckets', 'tcp_timeout_established'];

export interface Totals {
  readonly cells: number;
  readonly wrong: number;
  readonly lost: number;
  readonly degraded: number;
  readonly failed: number;
}

export function totalsOf(results: readonly CellResult[]): Totals {
  const sum = (count: (result: CellResult) => number): number => results.reduce((total, result) => total + count(result), 0);
  return {
    cells: results.length,
    wrong: sum(({ wrong }) => wrong.length),
    lost: sum(({ lost }) => lost.length),
    degraded: sum(({ degraded }) => (degraded.length > 0 ? 1 : 0)),
    failed: sum(({ failures }) => (failures.length > 0 ? 1 : 0)),
  };
}

export function isClean({ cells, wrong, lost, degraded, failed }: Totals): boolean {
  return cells > 0 && wrong + lost + degraded + failed === 0;
}

export function lastLine({ cells, wrong, lost, degraded, failed }: Totals): string {
  const broken = failed === 0 ? '' : `, test cases that failed otherwise ${failed}`;
  return `test cases ${cells}, wrong previews ${wrong}, values lost ${lost}, degraded boots ${degraded}${broken}\n`;
}

/** The result of a test case: one line, and one more for each problem. */
export function cellLines(result: CellResult): string {
  const { scenario, flavour, seconds, failures } = result;
  const first = `${flavour}  ${scenario}:  preview ${previewValues(result)}  actual ${realValues(result)}  ${verdict(result)}  (${seconds.toFixed(0)} s)`;
  const unknown = result.unknownSettings.length === 0 ? [] : [`unknown in the preview: ${result.unknownSettings.join(', ')}`];
  const units = result.degraded.map((unit) => `degraded: ${unit} failed`);
  const others = failures.map((failure) => `failed: ${failure}`);
  return `${[first, ...unknown, ...result.wrong.map(wrongLine), ...result.lost.map(lostLine), ...units, ...others].join('\n  ')}\n`;
}

/** The values of the preview, `default` where it has no value. */
export function previewValues({ preview }: CellResult): string {
  if (!preview) return '-';
  if (preview.loading.when === 'fails') return 'the module fails';
  return SHOWN.map((name) => {
    const setting = preview.settings.find((candidate) => candidate.name === name);
    return String(setting?.value ?? (setting?.origin === 'kernel-default' ? 'default' : (setting?.origin ?? '-')));
  }).join(' / ');
}

export function realValues({ found }: CellResult): string {
  if (!found) return '-';
  return Object.keys(found.values).length === 0 ? 'no module' : SHOWN.map((name) => String(found.values[name] ?? '-')).join(' / ');
}

export function verdict({ wrong, lost, degraded, failures, isSabotaged }: CellResult): string {
  const found = [
    ...(failures.length > 0 ? ['FAILED'] : []),
    ...(wrong.length > 0 ? ['PREVIEW WRONG'] : []),
    ...(lost.length > 0 ? ['VALUES LOST'] : []),
    ...(degraded.length > 0 ? ['DEGRADED'] : []),
  ];
  if (found.length === 0 && isSabotaged) return 'detected';
  return found.length === 0 ? 'ok' : found.join(', ');
}

export function beginningLine({ image, versions, seconds }: Beginning): string {
  const made = image.secondsToMake === 0 ? 'image from the cache' : `image built in ${image.secondsToMake.toFixed(0)} s`;
  return `${image.flavour.name}: ${versions}; ${made}, first boot ${seconds.toFixed(0)} s\n`;
}

function wrongLine({ name, said, real }: Mistake): string {
  return `wrong preview: ${name}: expected ${said}, found ${real}`;
}

function lostLine({ name, said, real }: Mistake): string {
  return `value lost: ${name}: persisted ${said}, found ${real}`;
}
