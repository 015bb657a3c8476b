import type { Beginning } from './beginning.ts';
import type { CellResult } from './cell.ts';
import { losses, mistakes } from './judge.ts';
import type { PreviewAnswer } from './operator.ts';

type Falsify = (preview: PreviewAnswer) => PreviewAnswer;

/** Previews that are wrong in every possible way. */
const FALSIFICATIONS: Readonly<Record<string, Falsify>> = {
  'a value is another': ({ settings, ...rest }) => ({
    ...rest,
    settings: settings.map((setting) => (setting.name === 'max' ? { ...setting, value: (setting.value ?? 0) + 1 } : setting)),
  }),
  'a value is called a kernel default': ({ settings, ...rest }) => ({
    ...rest,
    settings: settings.map(({ value, ...setting }) =>
      setting.name === 'max' && value !== undefined
        ? { ...setting, origin: 'kernel-default' }
        : { ...setting, ...(value === undefined ? {} : { value }) },
    ),
  }),
  'a setting is left out': ({ settings, ...rest }) => ({ ...rest, settings: settings.filter(({ name }) => name !== 'max') }),
  'the module is said to fail': ({ loading, ...rest }) => ({ ...rest, loading: { ...loading, when: 'fails' } }),
};

/** The falsified previews that the comparison does not detect with a real boot. If there are any, a clean result proves nothing. */
export function undetected({ preview, found }: CellResult, { standard }: Beginning): readonly string[] {
  if (!preview || !found) throw new Error('The cell has nothing to falsify.');
  const { values } = found;
  const previews = Object.entries(FALSIFICATIONS).filter(([, falsify]) => mistakes(falsify(preview), values, standard.values).length === 0);
  const absent = mistakes(preview, {}, standard.values).length === 0 ? ['the module does not come'] : [];
  const lost = losses({ max: (values['max'] ?? 0) + 1 }, found).length === 0 ? ['a persisted value is lost'] : [];
  return [...previews.map(([name]) => name), ...absent, ...lost];
}

/** A cell is suitable if the preview contains its max and this is not the kernel default. */
export function canBeFalsified({ preview, found, wrong, failures }: CellResult, { standard }: Beginning): boolean {
  const max = found?.values['max'];
  const said = preview?.settings.find(({ name }) => name === 'max')?.value;
  return max !== undefined && said === max && max !== standard.values['max'] && wrong.length + failures.length === 0;
}
