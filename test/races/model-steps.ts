import fc from 'fast-check';
import { NAMES, type ChangeStep, type Name, type Values } from './model-types.ts';

const VALUES = [40, 50, 60] as const;

/** What happens to a host. */
export type Step =
  | ({ readonly kind: 'change' } & ChangeStep)
  | { readonly kind: 'repeat'; readonly window: number }
  | { readonly kind: 'outsider' | 'edit'; readonly name: Name; readonly value: number }
  | { readonly kind: 'add line'; readonly number: number }
  | { readonly kind: 'confirm'; readonly of: number }
  | { readonly kind: 'rollback' | 'rollback-to'; readonly of: number; readonly force: boolean }
  | { readonly kind: 'unpersist'; readonly name: Name }
  | { readonly kind: 'time'; readonly seconds: number; readonly isNoticed: boolean }
  | { readonly kind: 'restart' | 'reboot'; readonly apply: boolean };

const name = fc.constantFrom(...NAMES);
const value = fc.constantFrom(...VALUES);
const of = fc.nat(11);
const window = fc.constantFrom(30, 60, 90);
const settings = fc
  .record(Object.fromEntries(NAMES.map((each) => [each, value])) as Record<Name, typeof value>, { requiredKeys: [] })
  .filter((chosen) => Object.keys(chosen).length > 0) as fc.Arbitrary<Values>;
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      settings,
      persist: fc.boolean(),
      window: fc.option(window, { freq: 2 }),
      supersedes: fc.option(of, { freq: 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('repeat' as const), window }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('outsider' as const), name, value }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('edit' as const), name, value }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('add line' as const), number: fc.nat(99) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('confirm' as const), of }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('rollback' as const), of, force: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback-to' as const), of, force: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unpersist' as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('time' as const), seconds: fc.constantFrom(20, 40, 70), isNoticed: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'reboot' as const), apply: fc.boolean() }) },
);

/** The request of a pending change is repeated after another program has changed one of its values: rare among independent steps. */
const repeatAfterOutsider: fc.Arbitrary<readonly Step[]> = fc
  .record({ settings, persist: fc.boolean(), window, of: fc.nat(NAMES.length - 1), value })
  .map(({ of: any, value: other, ...request }) => {
    const names = NAMES.filter((each) => each in request.settings);
    return [
      { kind: 'change', ...request, supersedes: null },
      { kind: 'outsider', name: names[any % names.length] ?? NAMES[0], value: other },
      { kind: 'repeat', window: request.window },
    ];
  });

/** A setting is changed and changed back, and then the change before that is rolled back. */
const rollBackAfterReturn: fc.Arbitrary<readonly Step[]> = fc
  .record({ name, values: fc.shuffledSubarray([...VALUES], { minLength: 2, maxLength: 2 }), persist: fc.boolean(), force: fc.boolean() })
  .map(({ name: subject, values: [first = VALUES[0], second = VALUES[1]], persist, force }) => [
    ...[first, second, first].map(
      (each) => ({ kind: 'change', settings: { [subject]: each }, persist, window: null, supersedes: null }) satisfies Step,
    ),
    { kind: 'rollback', of: 2, force },
  ]);

export const sequence: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      { weight: 60, arbitrary: step.map((each) => [each]) },
      { weight: 1, arbitrary: repeatAfterOutsider },
      { weight: 1, arbitrary: rollBackAfterReturn },
    ),
    { minLength: 2, maxLength: 14 },
  )
  .map((parts) => parts.flat());
