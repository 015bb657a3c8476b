import { BootController } from './boot/boot.controller.ts';
import { ChangesController } from './changes/changes.controller.ts';
import { ConfirmationsController } from './changes/confirmations.controller.ts';
import { JournalController } from './changes/journal.controller.ts';
import { RollbacksController } from './changes/rollbacks.controller.ts';
import { BlocksController } from './changes/blocks.controller.ts';
import { EndController } from './changes/end.controller.ts';
import { DeletionController } from './changes/deletion.controller.ts';
import { UpdateController } from './changes/update.controller.ts';
import { EntriesController } from './entries/entries.controller.ts';
import { SummaryController } from './entries/summary.controller.ts';
import { EventsController } from './events/events.controller.ts';
import { ExpectationsController } from './expectations/expectations.controller.ts';
import { DesiredController } from './desired/desired.controller.ts';
import { GuardController } from './guard/guard.controller.ts';
import { HelpersController } from './table/helpers.controller.ts';
import { CapabilitiesController } from './host/capabilities.controller.ts';
import { NamespacesController } from './host/namespaces.controller.ts';
import { ProbesController } from './host/probes.controller.ts';
import { ModuleController } from './module/module.controller.ts';
import { MetricsController } from './metrics/metrics.controller.ts';
import { PageController } from './page/page.controller.ts';
import { SettingsController } from './settings/settings.controller.ts';
import { UnpersistController } from './settings/unpersist.controller.ts';
import { HistoryController } from './table/history.controller.ts';
import { SizingController } from './table/sizing.controller.ts';
import { TableController } from './table/table.controller.ts';
import { TokensController } from './tokens/tokens.controller.ts';
import { WhoamiController } from './tokens/whoami.controller.ts';
import { WebhooksController } from './webhooks/webhooks.controller.ts';

/** In the order in which the OpenAPI document lists them. */
export const CONTROLLERS = [
  TableController,
  HistoryController,
  SizingController,
  HelpersController,
  SummaryController,
  EntriesController,
  EventsController,
  ExpectationsController,
  DeletionController,
  EndController,
  BlocksController,
  UpdateController,
  SettingsController,
  UnpersistController,
  DesiredController,
  GuardController,
  BootController,
  ModuleController,
  ChangesController,
  RollbacksController,
  ConfirmationsController,
  JournalController,
  TokensController,
  WhoamiController,
  WebhooksController,
  CapabilitiesController,
  NamespacesController,
  MetricsController,
  ProbesController,
  PageController,
] as const;
