import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Setting } from '../api/documents.ts';
import type { SettingsRequest } from '../api/api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { useSession } from '../session/session.ts';
import { PlanStep } from './plan-step.tsx';
import { WINDOW_SECONDS, type Typed } from './read-form.ts';
import { SettingsForm } from './settings-form.tsx';
import { usePlanned } from './use-planned.ts';

interface SettingsDialogProps {
  /** `max` and `buckets` together, or one other setting. */
  readonly settings: readonly Setting[];
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

export function SettingsDialog({ settings, onClose, onChanged }: SettingsDialogProps): JSX.Element {
  const { api } = useSession();
  const [typed, setTyped] = useState<Typed>({ values: {}, reason: '', persist: false, windowSeconds: String(WINDOW_SECONDS.standard) });
  const change = usePlanned<SettingsRequest>({
    plan: (request, ifMatch) => api.planSettings(request, ifMatch),
    run: (request, conditions) => api.changeSettings(request, conditions),
  });
  const done = (): void => {
    onChanged();
    onClose();
  };
  return (
    <Dialog title={`Change ${settings.map(({ name }) => name).join(' and ')}`} onClose={onClose}>
      {change.planned ? (
        <PlanStep change={change} planned={change.planned} verb="Apply" onDone={done} onBack={change.discardPlan} />
      ) : (
        <SettingsForm settings={settings} typed={typed} onType={setTyped} change={change} onClose={onClose} />
      )}
    </Dialog>
  );
}
