// Asks at a fixed rate whatever the answers do: node open-loop.mjs URL TOKEN PER_SECOND. Ends when told on stdin, then prints its milliseconds.
// A request's time runs from when it should have been sent, so that a stalled server is counted in full (no coordinated omission).
import { Agent, get } from 'node:http';

const [url, token, perSecond] = process.argv.slice(2);
const every = 1_000 / Number(perSecond);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const times = [];
let failed = 0;
let open = 0;
let stopped = false;
const begun = performance.now();
let next = begun;

function ask(due) {
  open += 1;
  const done = (ok) => {
    open -= 1;
    if (ok) times.push(performance.now() - due);
    else failed += 1;
    if (stopped && !open) report();
  };
  get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (answer) => {
    answer.resume();
    answer.on('end', () => done(answer.statusCode === 200));
  }).on('error', () => done(false));
}
function beat() {
  if (stopped) return;
  for (; next <= performance.now(); next += every) ask(next);
  setTimeout(beat, Math.max(0, next - performance.now()));
}
function report() {
  process.stdout.write(JSON.stringify({ times, failed }));
  process.exit(0);
}
process.stdin.once('data', () => {
  stopped = true;
  if (!open) report();
});
beat();
