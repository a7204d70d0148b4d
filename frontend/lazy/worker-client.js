// Talks to the worker. A question that crashes it or takes too long is not answered, and those behind it are asked again.

/** How long one answer may take, in milliseconds. */
const PATIENCE = 5_000;

/** The open questions, the one that is being answered first. */
const queue = [];
let worker;
let timer;

/** The worker's answer; nothing if it has none. */
export function ask(question) {
  return new Promise((answer) => {
    queue.push({ question, answer });
    if (queue.length === 1) next();
  });
}

function next() {
  clearTimeout(timer);
  if (!queue.length) return;
  worker ??= start();
  timer = setTimeout(giveUp, PATIENCE);
  worker.postMessage(queue[0].question);
}

function start() {
  const started = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  started.onmessage = ({ data }) => {
    queue.shift()?.answer(data.answer);
    if (data.isBroken) stop();
    next();
  };
  started.onerror = (event) => {
    event.preventDefault();
    giveUp();
  };
  return started;
}

function stop() {
  worker?.terminate();
  worker = undefined;
}

function giveUp() {
  stop();
  queue.shift()?.answer();
  next();
}
