// Loads what shows artifacts when the first one is opened.

const load = () => import(`${document.querySelector('meta[name="kaiwa-lazy"]').content}panel.js`);

export function show(place, note, kind, source, title) {
  load().then((panel) => panel.show(place, note, kind, source, title), () => {});
}

export function save(name, source) {
  load().then((panel) => panel.save(name, source), () => {});
}
