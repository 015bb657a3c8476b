import type { FileContent } from './change.ts';
import type { Layout } from './layout.ts';
import type { SettingName } from './setting.ts';

/** All that a change may move: two equal states are the same to a client that wants to be the only one to have moved it. */
export interface HostState {
  readonly layout: Layout;
  /** `null`: it cannot be read. */
  readonly settings: Readonly<Record<SettingName, number | null>>;
  readonly files: Readonly<Record<string, FileContent>>;
}
