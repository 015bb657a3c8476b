/** The documents of the API that the page reads, named after their schemas. Their types are generated from the OpenAPI document. */
import type { components } from '../../src/client/schema.ts';

type Schemas = components['schemas'];

/** Any response of the API. */
export interface ApiDocument {
  /** Present and true when the service shows a simulated kernel tree instead of this host. */
  readonly simulated?: boolean;
}

export type AwaitingList = Schemas['AwaitingList'];
export type Boot = Schemas['Boot'];
export type Change = Schemas['Change'];
export type ChangedFile = Schemas['ChangedFile'];
export type ChangedSetting = Schemas['ChangedSetting'];
export type ChangePage = Schemas['ChangePage'];
export type Conflict = Schemas['Conflict'];
export type DryRun = Schemas['DryRun'];
export type EntrySummary = Schemas['EntrySummary'];
export type Finding = Schemas['TableFinding'] | Schemas['BootFinding'];
export type History = Schemas['History'];
export type KeySummary = Schemas['KeySummary'];
export type ProblemDocument = Schemas['Problem'];
export type Risk = Schemas['Risk'];
export type Sample = Schemas['HistorySample'];
export type Setting = Schemas['Setting'];
export type SettingList = Schemas['SettingList'];
export type SummaryRow = Schemas['SummaryRow'];
export type Table = Schemas['Table'];
export type Whoami = Schemas['Whoami'];
export type Scope = Whoami['scopes'][number];
