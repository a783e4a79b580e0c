import type { Catalogue } from '../../products/catalogue.ts';
import { presentCurrency, presentProduct } from '../../products/presentation.ts';
import type { Channel } from '../channel.ts';
import { textFrame } from '../frame.ts';
import type { Hub } from '../hub.ts';

const lookEveryMs = 2_000;
const sayEveryMs = 30_000;

/** Products and currencies: at first, when one has changed, and every half minute. */
export function statusChannel(hub: Hub, catalogue: Catalogue): Channel {
  let said = { text: '', at: 0 };
  const textNow = (): string =>
    JSON.stringify({
      type: 'status',
      products: catalogue.products().map(presentProduct),
      currencies: catalogue.currencies().map(presentCurrency),
    });
  const look = (): void => {
    const topic = hub.topics('everything')?.get('status');
    if (!topic) return;
    const text = textNow();
    if (text === said.text && Date.now() - said.at < sayEveryMs) return;
    said = { text, at: Date.now() };
    hub.publish(topic, textFrame(text));
  };
  return {
    name: 'status',
    of: 'everything',
    greet: () => [textFrame(textNow())],
    start: () => {
      const timer = setInterval(look, lookEveryMs);
      return () => clearInterval(timer);
    },
  };
}
