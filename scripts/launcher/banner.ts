// What the person at the console needs for a first trade.

import type { Demo } from './demo.ts';
import { shellWord } from './servers/servers.ts';

export type BannerFacts = { demo: Demo; redisCli: string; dataDir: string; databaseUrl: string };

export function curlOrder({ baseUrl, traders }: Demo, productId: string): string {
  const order = `{"product_id":"${productId}","side":"sell","type":"limit","price":"5.00","size":"1"}`;
  return [
    `curl -s ${baseUrl}/orders`,
    `-H 'Authorization: Bearer ${traders[0]?.token}'`,
    `-H 'Content-Type: application/json'`,
    `-d '${order}'`,
  ].join(' ');
}

export function banner({ demo, redisCli, dataDir, databaseUrl }: BannerFacts): string {
  const metrics = Object.entries(demo.metricsUrls).map(([name, url]) => `${url}  ${name}`);
  const holders = demo.traders.map(({ traderId, token }) => `  Trader ${traderId}    Bearer ${token}`);
  return `
Cardstock is open for trading.

  Trade       ${demo.baseUrl}      in a browser; npm run demo brings a few hundred simulated traders
  API         ${demo.baseUrl}${demo.grpcAddress === null ? '' : `      gRPC at ${demo.grpcAddress}`}
${holders.join('\n')}
  Operator    Bearer ${demo.operator.token}
  Metrics     ${metrics.join('\n              ')}

  Place an order (trader 2 can buy it: change the token, and "sell" to "buy"):
    ${curlOrder(demo, 'PIKACHU-USD')}

  See the book where it is matched:
    ${redisCli} ZRANGE '{main}:book:PIKACHU-USD:asks' 0 9 WITHSCORES

  See what is recorded:
    psql ${shellWord(databaseUrl)} -c 'select id, trader_id, product_id, side, price, size, status from orders order by id desc limit 10'

  All of this for scripts: ${dataDir}/demo.json
  Logs: ${dataDir}/logs
  Stop with Ctrl-C; nothing is lost, and the next start goes on from here.
`;
}
