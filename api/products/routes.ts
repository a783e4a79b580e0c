import { CheckIntegrityConstraintViolationError } from 'slonik';
import { sleep } from '../../core/lifecycle.ts';
import { oncePer } from '../../core/once-per.ts';
import type { Api } from '../api.ts';
import { BadRequest, Unavailable } from '../errors.ts';
import { readBody } from '../http/body.ts';
import type { CallerContext, CallerHandler } from '../http/context.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import type { RouteTable } from '../http/routes.ts';
import {
  changedLimits,
  collarOf,
  feeRatesOf,
  newLimits,
  newProductBody,
  type ProductChangeBody,
  productChangeBody,
  refuseNewMeaning,
  statusOf,
} from './body.ts';
import { type ListedProduct, productOf } from './catalogue.ts';
import { namedProduct } from './named-product.ts';
import { presentProduct } from './presentation.ts';
import { insertProduct, updateProduct } from './queries/change-products.ts';
import { loadProduct } from './queries/load-products.ts';

export function productRoutes({ forAll, forCallers }: RouteTable, api: Api): void {
  forAll.get('/products', (ctx) => {
    ctx.type = 'json';
    ctx.body = textOf(api.catalogue.products());
  });
  forAll.get('/products/:id', (ctx) => {
    ctx.body = presentProduct(namedProduct(api, ctx));
  });
  forCallers.post('/products', jsonBody(), postProduct(api));
  forCallers.put('/products/:id', jsonBody(), putProduct(api));
}

/** Of twenty thousand products it is 10 MB, so it is made once for each change of them. */
const textOf = oncePer((products: readonly ListedProduct[]) =>
  Buffer.from(JSON.stringify(products.map(presentProduct))),
);

/** New products go to the shard that is named, or the first one. */
function postProduct(api: Api): CallerHandler {
  return async (ctx) => {
    const body = readBody(newProductBody, ctx.request.body);
    const [baseCurrency, quoteCurrency] = body.id.split('-') as [string, string];
    if (baseCurrency === quoteCurrency) throw new BadRequest('Invalid id: must be of two currencies');
    if (!api.catalogue.currency(quoteCurrency))
      throw new BadRequest(`Invalid id: there is no currency ${quoteCurrency}`);
    const shard = body.shard ?? api.shards.all[0]!.name;
    if (!api.shards.has(shard))
      throw new BadRequest(`Invalid shard: there is no shard ${shard}, or it was added within this second`);
    const version = await insertProduct(api.pool, {
      ...newLimits(body),
      ...{ productId: body.id, shard, baseCurrency, quoteCurrency },
      quoteIncrement: String(body.quote_increment),
      baseIncrement: String(body.base_increment),
      status: statusOf(body, 'online'),
      selfTradePrevention: body.stp ?? 'none',
      maxMakers: body.max_makers ?? null,
      funded: body.funded,
      ...feeRatesOf(body, { makerFeeRate: '0', takerFeeRate: '0', isFunded: body.funded }),
      ...collarOf(body, { priceCollar: '0', collarHalts: false }),
    }).catch(refuseMisfit);
    if (version === null) throw new BadRequest(`Invalid id: there is a product ${body.id} already`);
    await answerInEffect(api, ctx, { productId: body.id, version });
  };
}

function putProduct(api: Api): CallerHandler {
  return async (ctx) => {
    const product = namedProduct(api, ctx);
    const body = readBody(productChangeBody, ctx.request.body);
    refuseNewMeaning(body, product);
    const { version, before } = await changeProduct(api, product, body);
    ctx.state.before = presentProduct(before);
    await answerInEffect(api, ctx, { productId: product.productId, version });
  };
}

const mostAttempts = 10;

/** Changes the row as it stands. Whoever finds that another has changed it meanwhile looks at it anew, so that both count. */
async function changeProduct(
  api: Api,
  { productId, funding }: ListedProduct,
  body: ProductChangeBody,
): Promise<{ version: number; before: ListedProduct }> {
  const isFunded = funding !== null;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const row = await loadProduct(api.pool, productId);
    const version = await updateProduct(api.pool, {
      ...changedLimits(body, row),
      productId,
      version: row.version,
      status: statusOf(body, row.status),
      selfTradePrevention: body.stp ?? row.selfTradePrevention,
      maxMakers: body.max_makers ?? row.maxMakers,
      ...feeRatesOf(body, { ...row, isFunded }),
      ...collarOf(body, row),
    }).catch(refuseMisfit);
    if (version !== null) return { version, before: productOf(row, funding, api.catalogue.currency) };
  }
  throw new Unavailable('The product is being changed by others; ask for it, and send the change again');
}

/** What a trigger raises: a funded product must fit its currencies, which the database knows best. */
function refuseMisfit(error: Error & { code?: string }): never {
  if (error instanceof CheckIntegrityConstraintViolationError)
    throw new BadRequest(`Invalid product: the row refuses it (${error.constraint})`);
  throw error.code === 'P0001' ? new BadRequest(`Invalid product: ${error.message}`) : error;
}

const pollMs = 20;

/** The matcher announces a changed row by itself. Answers once orders meet the change, or 202 if that takes long. */
async function answerInEffect(
  { catalogue, findAnnounced, config }: Api,
  ctx: CallerContext,
  { productId, version }: { productId: string; version: number },
): Promise<void> {
  const inEffect = async (): Promise<boolean> => {
    const known = catalogue.product(productId);
    return known !== undefined && known.version >= version && (await findAnnounced(known)) >= version;
  };
  const deadline = Date.now() + config.waitTimeoutMs;
  while (!(await inEffect())) {
    if (Date.now() > deadline) {
      ctx.status = 202;
      ctx.body = {
        id: productId,
        status_message: 'Stored; it takes effect as soon as the matcher is at work',
      };
      return;
    }
    await sleep(pollMs);
  }
  ctx.body = presentProduct(catalogue.product(productId)!);
}
