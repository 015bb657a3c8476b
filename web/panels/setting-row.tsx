import type { JSX } from 'preact';
import type { Setting } from '../api/documents.ts';
import { settingValue, unitWord } from '../format/setting-value.ts';
import { dateTime } from '../format/time.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { whyNot } from '../session/scopes.ts';
import { useSession } from '../session/session.ts';

const ORIGINS: Readonly<Record<string, string>> = {
  'kernel-default': 'kernel default',
  'command-line': 'kernel command line',
  derived: 'derived from hashsize',
  unknown: 'unknown',
};

export function SettingRow({ setting, onEdit }: { readonly setting: Setting; readonly onEdit: (setting: Setting) => void }): JSX.Element {
  const { whoami } = useSession();
  const { name, key, value, unreadable, persisted, unit, description, writable, notWritable, drift } = setting;
  const word = unit === 'seconds' || unit === 'bytes' ? '' : unitWord(unit);
  const reason = writable ? whyNot(whoami, 'settings:write') : `Cannot be changed: ${notWritable ?? 'unknown reason'}.`;
  return (
    <tr>
      <th scope="row" title={key}>
        <code>{name}</code>
        <small class="hint">{description}</small>
        {drift && (
          <small class="drift">
            Changed outside this service from {settingValue(drift.from, unit)}, detected {dateTime(new Date(drift.seenAt), new Date())}
            {drift.evidence === null ? '' : ` (${drift.evidence})`}
          </small>
        )}
      </th>
      <td data-label="live">
        {unreadable === undefined ? settingValue(value, unit) : <span title={unreadable}>unreadable</span>}
        {word !== '' && value !== undefined && <small> {word}</small>}
      </td>
      <td data-label="persisted">{settingValue(persisted, unit)}</td>
      <AtBootCell setting={setting} />
      <td class="edit">
        <ActionButton
          isSmall
          label={`Change ${name}`}
          whyNot={reason}
          onAct={() => {
            onEdit(setting);
          }}
        >
          Change
        </ActionButton>
      </td>
    </tr>
  );
}

function AtBootCell({ setting: { value, unit, atNextBoot } }: { readonly setting: Setting }): JSX.Element {
  const differs = atNextBoot.value !== undefined && value !== undefined && atNextBoot.value !== value;
  return (
    <td data-label="at next boot" class={differs ? 'differs' : ''}>
      {settingValue(atNextBoot.value, unit)}
      {ORIGINS[atNextBoot.origin] !== undefined && <small> {ORIGINS[atNextBoot.origin]}</small>}
    </td>
  );
}
