import type { Message } from '@cardstock/client/types';
import { signal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { when } from '../money/format.ts';
import { dialog } from '../state/dialogs.ts';
import { attempt, say } from '../state/notices.ts';
import { product } from '../state/products.ts';
import { hasOlder, loadOlder, said, sayInRoom, watchRoom } from '../state/room.ts';
import { feedNumber, isTrader, rest, who } from '../state/session.ts';
import { isRoomOpen } from '../state/settings.ts';
import { Icon } from '../ui/icons.tsx';

/** Who wrote what an operator has removed here. */
const writers = signal<ReadonlyMap<string, number>>(new Map());

/** What traders say of the product. */
export function Room() {
  const shown = product.value?.id;
  useEffect(() => (shown ? watchRoom(shown) : undefined), [shown, feedNumber.value]);
  return (
    <section class="panel room" aria-label="Room">
      <header>
        <h2>Room</h2>
        <div class="head-tools wide-only">
          <button
            type="button"
            class="icon-button"
            aria-label="Close the room"
            onClick={() => (isRoomOpen.value = false)}
          >
            <Icon name="close" />
          </button>
        </div>
      </header>
      <Messages />
      {shown && (isTrader.value ? <Writing key={shown} productId={shown} /> : <Invitation />)}
    </section>
  );
}

function Messages() {
  const frame = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const messages = said.value;
  useLayoutEffect(() => {
    const { current } = frame;
    if (isAtEnd.current) current!.scrollTop = current!.scrollHeight;
  }, [messages]);
  return (
    <div
      class="scroll"
      ref={frame}
      role="log"
      aria-label="What is said"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 30;
      }}
    >
      {hasOlder.value && (
        <button type="button" class="plain small" onClick={() => void loadOlder(product.value!.id)}>
          Older
        </button>
      )}
      {messages.length === 0 && <p class="empty">Nobody has said anything here yet.</p>}
      {messages.map((message) => (
        <Line key={message.id} message={message} />
      ))}
    </div>
  );
}

function Line({ message: { id, author, text, created_at } }: { readonly message: Message }) {
  const isOperator = who.value?.role === 'operator';
  const writer = writers.value.get(id);
  return (
    <article>
      <b>{author}</b> <time dateTime={created_at}>{when(created_at)}</time>
      {isOperator && text !== null && (
        <button
          type="button"
          class="icon-button small"
          aria-label={`Remove what ${author} said`}
          onClick={() => void remove(id)}
        >
          <Icon name="close" />
        </button>
      )}
      {writer !== undefined && (
        <button type="button" class="plain small" onClick={() => void mute(writer)}>
          Mute trader {writer}
        </button>
      )}
      <p class={text === null ? 'muted' : ''}>{text ?? 'Removed by an operator'}</p>
    </article>
  );
}

async function remove(id: string): Promise<void> {
  const removed = await attempt(() => rest.removeMessage(id));
  if (removed) writers.value = new Map([...writers.value, [id, Number(removed.trader_id)]]);
}

async function mute(traderId: number): Promise<void> {
  if (await attempt(() => rest.setMuted(traderId, true))) say('good', `Trader ${traderId} is muted`);
}

function Writing({ productId }: { readonly productId: string }) {
  const text = useSignal('');
  const isSending = useSignal(false);
  const send = async (): Promise<void> => {
    if (isSending.value || text.value.trim() === '') return;
    isSending.value = true;
    if (await sayInRoom(productId, text.value)) text.value = '';
    isSending.value = false;
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div class="input">
        <input
          id="room-text"
          aria-label="Say something to everybody"
          placeholder="Say something"
          autocomplete="off"
          maxLength={500}
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </div>
      <button type="submit" class="plain" disabled={isSending.value}>
        Say
      </button>
    </form>
  );
}

function Invitation() {
  if (who.value) return null;
  return (
    <form>
      <button type="button" class="plain" onClick={() => (dialog.value = 'account')}>
        Log in to say something
      </button>
    </form>
  );
}
