import { NotFound } from '../errors.ts';
import { pagePolicy } from './middleware/page-policy.ts';
import type { PublicRoutes } from './routes.ts';

/** A page, and by name the files that it consists of. */
export type Page = {
  readonly html: string;
  readonly files: ReadonlyMap<string, PageFile>;
};

export type PageFile = { readonly type: string; readonly read: () => string | Promise<string> };

/** Serves a page, and below it its files and no others, whatever a path says. */
export function servePage(routes: PublicRoutes, path: string, { html, files }: Page): void {
  routes.get(path, pagePolicy, (ctx) => {
    ctx.type = 'html';
    ctx.body = html;
  });
  routes.get(`${path}/:file`, pagePolicy, async (ctx) => {
    const file = files.get(ctx.params.file!);
    if (!file) throw new NotFound();
    ctx.set('Cache-Control', 'public, max-age=3600');
    ctx.type = `${file.type}; charset=utf-8`;
    ctx.body = await file.read();
  });
}
