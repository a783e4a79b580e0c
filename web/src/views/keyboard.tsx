import { dialog, type PhoneTab, phoneTab } from '../state/dialogs.ts';
import { cancelAll } from '../state/orders.ts';
import { product } from '../state/products.ts';
import { isTrader } from '../state/session.ts';
import { isRoomOpen } from '../state/settings.ts';
import { change } from '../state/ticket.ts';
import { Dialog } from '../ui/dialog.tsx';

type Shortcut = { readonly key: string; readonly does: string; readonly run: () => void };

/** At once, so that what is typed next goes there; a narrow screen has to show the panel first. */
function focus(id: string, tab: PhoneTab): void {
  phoneTab.value = tab;
  const go = (): void => {
    const field = document.getElementById(id);
    field?.focus();
    if (field instanceof HTMLInputElement) field.select();
  };
  go();
  if (document.activeElement?.id !== id) requestAnimationFrame(go);
}

const firstFields = ['ticket-stopPrice', 'ticket-price', 'ticket-size', 'ticket-funds'];

const trade = (side: 'buy' | 'sell') => () => {
  change({ side });
  const field = firstFields.find((id) => document.getElementById(id));
  if (field) focus(field, 'trade');
};

const shortcuts: readonly Shortcut[] = [
  { key: 'b', does: 'Buy: to the ticket’s first field', run: trade('buy') },
  { key: 's', does: 'Sell: to the ticket’s first field', run: trade('sell') },
  { key: 'l', does: 'A limit order', run: () => change({ kind: 'limit' }) },
  { key: 'm', does: 'A market order', run: () => change({ kind: 'market' }) },
  { key: '/', does: 'Search the markets', run: () => focus('market-search', 'markets') },
  {
    key: 'c',
    does: 'Say something in the room',
    run: () => {
      isRoomOpen.value = true;
      focus('room-text', 'room');
    },
  },
  {
    key: 'x',
    does: 'Cancel all orders of this product',
    run: () => isTrader.value && void cancelAll(product.value?.id),
  },
  { key: '?', does: 'This list', run: () => (dialog.value = 'keyboard') },
];

/** Keys work wherever nothing is typed into. */
export function listenForKeys(): void {
  addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    const isTyping = target.closest('input:not([type=checkbox]), select, textarea, dialog') !== null;
    if (event.key === 'Escape' && isTyping && !target.closest('dialog')) target.blur();
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const shortcut = shortcuts.find(({ key }) => key === event.key);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  });
}

export function KeyboardDialog() {
  return (
    <Dialog title="Keys" onClose={() => (dialog.value = null)}>
      <dl class="keys">
        {shortcuts.map(({ key, does }) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>↑</kbd> <kbd>↓</kbd>
          </dt>
          <dd>In the ticket: one tick or lot more or less</dd>
        </div>
        <div>
          <dt>
            <kbd>Enter</kbd>
          </dt>
          <dd>Sends the order</dd>
        </div>
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>Leaves the field</dd>
        </div>
      </dl>
    </Dialog>
  );
}
