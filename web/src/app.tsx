import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { Activity } from './panels/activity.tsx';
import { ChartPanel } from './panels/chart.tsx';
import { Ladder } from './panels/ladder.tsx';
import { Markets } from './panels/markets.tsx';
import { Room } from './panels/room.tsx';
import { Tape } from './panels/tape.tsx';
import { TickerLine } from './panels/ticker-line.tsx';
import { TicketPanel } from './panels/ticket.tsx';
import { ConnectionState, Notices, TopBar } from './panels/top-bar.tsx';
import { dialog, type PhoneTab, phoneTab } from './state/dialogs.ts';
import { openMarket } from './state/market.ts';
import { watchOwn } from './state/orders.ts';
import { isOperatorView, product } from './state/products.ts';
import { feedNumber, isTrader, who } from './state/session.ts';
import { isRoomOpen, sizes } from './state/settings.ts';
import { clearTicket } from './state/ticket.ts';
import { Icon } from './ui/icons.tsx';
import { Splitter } from './ui/splitter.tsx';
import { AccountDialog } from './views/account.tsx';
import { KeyboardDialog } from './views/keyboard.tsx';
import { OperatorView } from './views/operator.tsx';

export function App() {
  const shown = product.value?.id;
  const number = feedNumber.value;
  useEffect(() => {
    if (shown) openMarket(shown);
  }, [shown, number]);
  // Before anything else is typed: not after the next frame, which may be late.
  useLayoutEffect(clearTicket, [shown]);
  const trader = isTrader.value ? who.value?.traderId : null;
  useEffect(() => (shown ? watchOwn(shown) : undefined), [shown, number, trader]);
  useEffect(() => {
    document.title = shown ? `${shown} · Cardstock` : 'Cardstock';
  }, [shown]);
  return (
    <>
      <TopBar>{!isOperatorView.value && <TickerLine />}</TopBar>
      {isOperatorView.value ? <OperatorView /> : <Desk />}
      {dialog.value === 'account' && <AccountDialog />}
      {dialog.value === 'keyboard' && <KeyboardDialog />}
      <Notices />
    </>
  );
}

function Desk() {
  const { markets, book, ticket, bottom, tape, room } = sizes.value;
  const hasRoom = isRoomOpen.value || phoneTab.value === 'room';
  const variables = {
    '--markets': `${markets}px`,
    '--book': `${book}px`,
    '--ticket': `${ticket}px`,
    '--bottom': `${bottom}px`,
    '--tape': `${tape}px`,
    '--room': `${room}px`,
  };
  return (
    <>
      <main class={`desk ${hasRoom ? 'has-room' : ''}`} data-tab={phoneTab.value} style={variables}>
        <Markets onPick={() => (phoneTab.value = 'chart')} />
        <ChartPanel />
        <Ladder />
        <Tape />
        <TicketPanel />
        <Activity />
        {hasRoom && <Room />}
        <Splitter
          of="markets"
          label="Width of the markets"
          direction="columns"
          grows={1}
          least={180}
          most={420}
        />
        <Splitter of="book" label="Width of the book" direction="columns" grows={-1} least={220} most={480} />
        <Splitter
          of="ticket"
          label="Width of the ticket"
          direction="columns"
          grows={-1}
          least={248}
          most={440}
        />
        <Splitter
          of="bottom"
          label="Height of the orders"
          direction="rows"
          grows={-1}
          least={120}
          most={520}
        />
        <Splitter of="tape" label="Height of the trades" direction="rows" grows={-1} least={100} most={520} />
        {hasRoom && (
          <Splitter of="room" label="Height of the room" direction="rows" grows={-1} least={120} most={520} />
        )}
      </main>
      <PhoneTabs />
    </>
  );
}

const phoneTabs: readonly (readonly [PhoneTab, string, ComponentChildren])[] = [
  ['markets', 'Markets', <Icon key="i" name="search" />],
  ['chart', 'Chart', <Icon key="i" name="chart" />],
  ['book', 'Book', <Icon key="i" name="book" />],
  ['trade', 'Trade', <Icon key="i" name="swap" />],
  ['orders', 'Orders', <Icon key="i" name="list" />],
  ['room', 'Room', <Icon key="i" name="chat" />],
];

function PhoneTabs() {
  return (
    <nav class="phone-tabs" aria-label="Panels">
      {phoneTabs.map(([tab, name, icon]) => (
        <button
          key={tab}
          type="button"
          aria-current={phoneTab.value === tab ? 'page' : undefined}
          onClick={() => (phoneTab.value = tab)}
        >
          {icon}
          {name}
        </button>
      ))}
      <ConnectionState />
    </nav>
  );
}
