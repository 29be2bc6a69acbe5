/** (a) Koa with the kernel's kind of dispatch and nothing else: find-my-way before any middleware. `node koa-dispatch.mjs BODY ROUTES` prints its port. */
import findMyWay from 'find-my-way';
import Koa from 'koa';

const [body = '', routes = '200'] = process.argv.slice(2);
const router = findMyWay({ ignoreTrailingSlash: true, maxParamLength: 4_096, querystringParser: (search) => search });
function answer() {
  this.type = 'application/json; charset=utf-8';
  this.body = body;
}
for (let i = 0; i < Number(routes); i++)
  router.on('GET', `/api/v1/bench-${i % 20}/plain-${Math.floor(i / 20)}/:id`, answer);
const app = new Koa();
app.use((ctx) => {
  router.lookup(ctx.req, ctx.res, ctx);
});
const server = app.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
