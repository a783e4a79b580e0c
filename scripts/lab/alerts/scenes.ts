// How each alert's fault is caused for real, and how it is ended.

import { sendSignal } from '../../launcher/servers/liveness.ts';
import { withPostgres, withRedis } from '../faults/look.ts';
import { scaledScenes } from './scaled-scenes.ts';
import { killAll, type Play, reviveAll, type Scene } from './scene.ts';
import { toldScenes } from './told-scenes.ts';

const configure = (name: string, value: string) => (play: Play) =>
  withRedis(play.stage, async (redis) => {
    await redis.config('SET', name, value);
  });
const alter = (statement: string) => (play: Play) =>
  withPostgres(play.stage, async (client) => {
    await client.query(statement);
  });

const unlucky = 13;

export const scenes: Readonly<Record<string, Scene>> = {
  'kill-api': {
    says: 'the api is killed',
    alerts: ['CardstockProcessDown'],
    cause: ({ stage }) => killAll(stage.actors.api),
    end: ({ stage }) => reviveAll(stage.actors.api),
  },
  undiscovered: {
    says: 'service discovery finds no matcher',
    alerts: ['CardstockProcessMissing'],
    cause: async ({ prometheus, targets }) => prometheus.scrape({ ...targets, 'cardstock-matcher': [] }),
    end: async ({ prometheus, targets }) => prometheus.scrape(targets),
  },
  'hang-redis': {
    says: 'Redis hangs',
    alerts: ['CardstockRedisAway'],
    cause: async ({ stage }) => sendSignal(stage.redis.pid(), 'SIGSTOP'),
    end: async ({ stage }) => sendSignal(stage.redis.pid(), 'SIGCONT'),
  },
  'kill-matchers': {
    says: 'both matchers are killed, and 30,000 orders come',
    alerts: ['CardstockNothingMatched', 'CardstockMatchingBehind', 'CardstockBacklogRefusals'],
    cause: ({ stage }) => killAll(stage.actors.matcher),
    goOn: ({ client }) => Promise.race([client.batch(1_000), client.batch(1_000), client.batch(1_000)]),
    end: ({ stage }) => reviveAll(stage.actors.matcher),
  },
  'full-memory': {
    says: 'Redis is out of memory',
    alerts: ['CardstockRunsFail', 'CardstockRequestsFail'],
    cause: configure('maxmemory', '1mb'),
    end: configure('maxmemory', '0'),
  },
  'kill-writers': {
    says: 'both writers are killed',
    alerts: ['CardstockNobodyWrites', 'CardstockPersistenceLateFast', 'CardstockPersistenceLate'],
    cause: ({ stage }) => killAll(stage.actors.writer),
    end: ({ stage }) => reviveAll(stage.actors.writer),
  },
  'refuse-rows': {
    says: 'a constraint of PostgreSQL refuses an order',
    alerts: ['CardstockReportRefused'],
    cause: alter(`alter table orders add constraint proof check (trader_id <> ${unlucky}) not valid`),
    goOn: ({ client }) => client.place(unlucky),
    end: async (play) => {
      await alter('alter table orders drop constraint proof')(play);
      await reviveAll(play.stage.actors.writer);
    },
  },
  'slow-redis': {
    says: 'Redis is 100 ms away',
    alerts: ['CardstockOrdersSlowFast', 'CardstockOrdersSlow'],
    cause: async ({ stage }) => {
      for (const { redis } of stage.actors.api) redis.delay(100);
    },
    end: async ({ stage }) => {
      for (const { redis } of stage.actors.api) redis.delay(0);
    },
  },
  ...toldScenes,
  ...scaledScenes,
};
