import type { EntryView } from './entry-view.ts';

/** Whether the entry in the view is wanted. Makes no object. */
export type Matcher = (view: EntryView) => boolean;
