/** What everything is compared with: a Koa that answers the same bytes and does nothing else. Prints its port. */
import Koa from 'koa';

const body = process.argv[2] ?? '';
const app = new Koa();
app.use((ctx) => {
  ctx.type = 'application/json; charset=utf-8';
  ctx.body = body;
});
const server = app.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
