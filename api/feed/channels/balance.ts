import { formatAmount } from '../../../core/units.ts';
import type { AccountState, Report } from '../../../core/wire/reports.ts';
import { iso } from '../../http/iso.ts';
import type { Catalogue } from '../../products/catalogue.ts';
import type { Channel } from '../channel.ts';
import { textFrame } from '../frame.ts';
import type { Hub, Topic } from '../hub.ts';

type Changed = { readonly topic: Topic; readonly account: AccountState; readonly report: Report };

/** What a trader's accounts hold after a matching run that changed them. */
export function balanceChannel(hub: Hub, catalogue: Catalogue): Channel {
  const present = ({ account, report }: Changed): Buffer => {
    const { traderId, currency, available, hold } = account;
    const { increment } = catalogue.fundedCurrency(currency)!;
    const message = {
      ...{ type: 'balance', account_id: `${traderId}-${currency}`, currency },
      holds: formatAmount(hold, increment),
      available: formatAmount(available, increment),
      ...{ updated: iso(report.command.time), timestamp: iso(Date.now()) },
    };
    return textFrame(JSON.stringify(message));
  };
  return {
    name: 'balance',
    of: 'own',
    onRunEnd: (reports) => {
      const changed = new Map<string, Changed>();
      for (const report of reports)
        for (const account of report.accounts) {
          const topic = hub.topics(account.traderId)?.get('balance');
          if (topic) changed.set(`${account.traderId} ${account.currency}`, { topic, account, report });
        }
      for (const one of changed.values())
        if (catalogue.fundedCurrency(one.account.currency)) hub.publish(one.topic, present(one));
    },
  };
}
