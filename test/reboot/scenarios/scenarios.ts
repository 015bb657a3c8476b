import type { Scenario } from '../support/scenario.ts';
import { FILE_SCENARIOS } from './files.ts';
import { LIFE_SCENARIOS } from './life.ts';
import { MODULE_SCENARIOS } from './module.ts';

export const SCENARIOS: readonly Scenario[] = [...MODULE_SCENARIOS, ...FILE_SCENARIOS, ...LIFE_SCENARIOS];
