import type { Answer, FromThread, Question } from './observability-protocol.ts';

/** An exposition walks every series: more of them at once would only delay each other. */
const SCRAPES_AT_ONCE = 2;

const silent: Answer = { status: 503, type: 'text/plain', text: 'the main thread does not answer\n' };
const busy: Answer = { status: 503, type: 'text/plain', text: 'too many scrapes at once\n' };

interface Asked {
  readonly question: Question;
  readonly answered: Promise<Answer>;
  readonly answer: (answer: Answer) => void;
}

/**
 * Asks the main thread, which may be blocked. What it has not answered stays open after its time, so that a blocked thread is not given more
 * and more to do: two scrapes and one check of readiness, which all who ask meanwhile share.
 */
export class MainThread {
  readonly #tell: (message: FromThread) => void;
  readonly #answerMs: number;
  readonly #open = new Map<number, Asked>();
  #last = 0;

  constructor(tell: (message: FromThread) => void, answerMs: number) {
    this.#tell = tell;
    this.#answerMs = answerMs;
  }

  metrics(): Promise<Answer> {
    const open = [...this.#open.values()].filter(({ question }) => question === 'metrics');
    return open.length < SCRAPES_AT_ONCE ? this.#inTime(this.#ask('metrics')) : Promise.resolve(busy);
  }

  ready(): Promise<Answer> {
    const open = [...this.#open.values()].find(({ question }) => question === 'ready');
    return this.#inTime(open ?? this.#ask('ready'));
  }

  answered(id: number, answer: Answer): void {
    this.#open.get(id)?.answer(answer);
    this.#open.delete(id);
  }

  #ask(question: Question): Asked {
    const id = (this.#last += 1);
    let answer: Asked['answer'] = () => undefined;
    const answered = new Promise<Answer>((resolve) => (answer = resolve));
    const asked = { question, answered, answer };
    this.#open.set(id, asked);
    this.#tell({ id, question });
    return asked;
  }

  #inTime({ answered }: Asked): Promise<Answer> {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(silent), this.#answerMs);
      void answered.then((answer) => {
        clearTimeout(late);
        resolve(answer);
      });
    });
  }
}
