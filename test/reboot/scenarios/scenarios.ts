import type { Scenario } from '../support/scenario.ts';
import { FILE_SCENARIOS } from './files.ts';
import { LIFE_SCENARIOS } from './life.ts';
import { MODULE_SCENARIOS } from './module.ts';
import { SERVICE_SCENARIOS } from './services.ts';
import { WRITER_SCENARIOS } from './writers.ts';

const ALL: readonly Scenario[] = [...MODULE_SCENARIOS, ...FILE_SCENARIOS, ...LIFE_SCENARIOS, ...SERVICE_SCENARIOS, ...WRITER_SCENARIOS];

/** The scenarios of the short run first. */
export const SCENARIOS = ALL.toSorted((a, b) => Number(b.short ?? false) - Number(a.short ?? false));
