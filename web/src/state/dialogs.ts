import { signal } from '@preact/signals';

export type Dialog = 'account' | 'keyboard' | 'settings' | null;

/** The dialog that is open. */
export const dialog = signal<Dialog>(null);

export type PhoneTab = 'markets' | 'chart' | 'book' | 'trade' | 'orders' | 'room';
/** What a narrow screen shows. */
export const phoneTab = signal<PhoneTab>('chart');
