// Loads the decorations when a text first needs them.

let loading;

export function decorate(node) {
  const decorated = '.md-code, .md-math, .md-long, .md-image-show';
  if (!node.matches(decorated) && !node.querySelector(decorated)) return;
  const folder = document.querySelector('meta[name="kaiwa-lazy"]').content;
  loading ??= import(`${folder}decorate.js`);
  // Without them, the text is still complete. The next one tries again.
  loading.then((lazy) => lazy.decorate(node), () => (loading = undefined));
}
