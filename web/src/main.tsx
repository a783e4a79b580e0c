import { render } from 'preact';
import '@fontsource-variable/inter/wght.css';
import './styles/base.css';
import './styles/desk.css';
import './styles/panels.css';
import './styles/ticket.css';
import './styles/views.css';
import { App } from './app.tsx';
import { loadProducts } from './state/products.ts';
import { begin, startPings } from './state/session.ts';
import { listenForKeys } from './views/keyboard.tsx';

void loadProducts();
void begin();
startPings();
listenForKeys();
render(<App />, document.getElementById('page')!);
