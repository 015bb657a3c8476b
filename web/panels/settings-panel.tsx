import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Setting, SettingList } from '../api/documents.ts';
import type { ApiResponse } from '../api/request.ts';
import { SettingsDialog } from '../change/settings-dialog.tsx';
import { Panel } from '../parts/panel.tsx';
import type { Polled } from '../polling/use-polled.ts';
import { SettingRow } from './setting-row.tsx';
import { editedTogether, groupSettings, needsAttention, type SettingGroup } from './setting-groups.ts';

interface SettingsPanelProps {
  readonly settings: Polled<ApiResponse<SettingList>>;
  readonly noAccess: string | undefined;
  readonly onChanged: () => void;
}

export function SettingsPanel({ settings: { value, problem }, noAccess, onChanged }: SettingsPanelProps): JSX.Element {
  const [editing, setEditing] = useState<readonly Setting[]>();
  const all = value?.body.items ?? [];
  return (
    <Panel id="settings" title="Settings" problem={problem} noAccess={noAccess}>
      {groupSettings(all).map((group, index) => (
        <Group
          key={group.title}
          group={group}
          isFirst={index === 0}
          onEdit={(setting) => {
            setEditing(editedTogether(setting, all));
          }}
        />
      ))}
      {editing && (
        <SettingsDialog
          settings={editing}
          onClose={() => {
            setEditing(undefined);
          }}
          onChanged={onChanged}
        />
      )}
    </Panel>
  );
}

interface GroupProps {
  readonly group: SettingGroup;
  readonly isFirst: boolean;
  readonly onEdit: (setting: Setting) => void;
}

function Group({ group: { title, settings }, isFirst, onEdit }: GroupProps): JSX.Element {
  const flagged = settings.filter(needsAttention).length;
  const [isOpen, setOpen] = useState(isFirst || flagged > 0);
  return (
    <details
      class="setting-group"
      open={isOpen}
      onToggle={({ currentTarget }) => {
        setOpen(currentTarget.open);
      }}
    >
      <summary>
        {title} <span class="hint">{settings.length}</span>
        {flagged > 0 && (
          <span class="flag">
            {flagged} {flagged === 1 ? 'needs' : 'need'} attention
          </span>
        )}
      </summary>
      <table class="settings-table">
        <caption class="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">setting</th>
            <th scope="col">live</th>
            <th scope="col">persisted</th>
            <th scope="col">at next boot</th>
            <th scope="col">
              <span class="visually-hidden">change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {settings.map((setting) => (
            <SettingRow key={setting.name} setting={setting} onEdit={onEdit} />
          ))}
        </tbody>
      </table>
    </details>
  );
}
