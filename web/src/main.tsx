import { render } from 'preact';
import '@fontsource-variable/inter/wght.css';
import './styles/base.css';
import './styles/desk.css';
import './styles/panels.css';
import './styles/ticket.css';
import './styles/views.css';
import { App } from './app.tsx';
import { say } from './state/notices.ts';
import { loadProducts } from './state/products.ts';
import { begin, startPings } from './state/session.ts';
import { listenForKeys } from './views/keyboard.tsx';

// A short link that leads nowhere is answered with the page at its own address.
if (location.pathname.startsWith('/s/')) {
  history.replaceState(null, '', '/');
  say('bad', 'There is no such link. Here is the market.');
}
void loadProducts();
void begin();
startPings();
listenForKeys();
render(<App />, document.getElementById('page')!);
