import type { ComponentChildren } from 'preact';
import { dialog } from '../state/dialogs.ts';
import { dismiss, notices } from '../state/notices.ts';
import { isOperatorView, product } from '../state/products.ts';
import { connection, feedLatency, hasDemo, isOperator, orderLatency, who } from '../state/session.ts';
import { isDark, isRoomOpen, theme } from '../state/settings.ts';
import { Icon, Logo } from '../ui/icons.tsx';
import { DemoLogin } from '../views/account.tsx';

export function TopBar({ children }: { readonly children: ComponentChildren }) {
  return (
    <header class="top-bar">
      <a class="brand" href={`#/${product.value?.id ?? ''}`} aria-label="Cardstock">
        <Logo />
        <span>Cardstock</span>
      </a>
      {children}
      <div class="top-tools">
        <ConnectionState />
        {isOperator.value && (
          <a class="plain small" href={isOperatorView.value ? `#/${product.value?.id ?? ''}` : '#/operator'}>
            {isOperatorView.value ? 'Market' : 'Operator'}
          </a>
        )}
        <button
          type="button"
          class="icon-button wide-only"
          title="Room"
          aria-label="Room"
          aria-pressed={isRoomOpen.value}
          onClick={() => (isRoomOpen.value = !isRoomOpen.value)}
        >
          <Icon name="chat" />
        </button>
        <button
          type="button"
          class="icon-button wide-only"
          title="Keys"
          aria-label="Keys"
          onClick={() => (dialog.value = 'keyboard')}
        >
          <Icon name="keyboard" />
        </button>
        <ThemeButton />
        {who.value === null && hasDemo.value && <DemoLogin />}
        <button
          type="button"
          class={`account ${who.value ? 'plain' : 'accent'}`}
          aria-label={accountName()}
          onClick={() => (dialog.value = 'account')}
        >
          <Icon name="user" />
          <span>{accountName()}</span>
        </button>
      </div>
    </header>
  );
}

function accountName(): string {
  return who.value === undefined ? '…' : (who.value?.name ?? 'Log in');
}

function ThemeButton() {
  const dark = isDark();
  const name = dark ? 'Light theme' : 'Dark theme';
  return (
    <button
      type="button"
      class="icon-button"
      title={name}
      aria-label={name}
      onClick={() => (theme.value = dark ? 'light' : 'dark')}
    >
      <Icon name={dark ? 'sun' : 'moon'} />
    </button>
  );
}

const ms = (latency: number | null) =>
  latency === null ? '—' : `${latency < 10 ? latency.toFixed(1) : Math.round(latency)} ms`;

export function ConnectionState() {
  const { state, why } = connection.value;
  const text = state === 'open' ? 'Live' : state === 'connecting' ? 'Connecting' : 'Offline';
  return (
    <div
      class={`connection is-${state}`}
      role="status"
      title={why || `Feed there and back ${ms(feedLatency.value)}; last order ${ms(orderLatency.value)}`}
    >
      <i class="dot" />
      <b>{text}</b>
      {state === 'open' && (
        <span class="latency">
          <span>feed {ms(feedLatency.value)}</span>
          {orderLatency.value !== null && <span>order {ms(orderLatency.value)}</span>}
        </span>
      )}
    </div>
  );
}

export function Notices() {
  return (
    <div class="notices" role="log" aria-live="polite">
      {notices.value.map(({ id, kind, text }) => (
        <div key={id} class={`notice ${kind}`}>
          <span>{text}</span>
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
