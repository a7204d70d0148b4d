// Sets formulas, and gives their source to whoever copies them.

const MATHML = 'http://www.w3.org/1998/Math/MathML';

/** The elements and attributes that a formula may have. Nothing else gets into the page. */
const ELEMENTS = new Set(
  'math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none'.split(' '),
);
const ATTRIBUTES = new Set(
  'accent accentunder class columnspan depth dir display displaystyle fence form height largeop linethickness lspace mathvariant maxsize minsize movablelimits notation rowspan rspace scriptlevel separator stretchy symmetric voffset width'.split(' '),
);
const STYLES = new Set(['background-color', 'border-color', 'color', 'height', 'margin-left']);

let sheet;

/** Replaces the source of a formula by its MathML. */
export function set(formula, mathml) {
  const parsed = new DOMParser().parseFromString(mathml.replaceAll('&nbsp;', '\u00a0'), 'application/xml').documentElement;
  const built = parsed.localName === 'math' ? build(parsed) : undefined;
  if (!built) return;
  sheet ??= load();
  formula.dataset.mdSource = formula.textContent;
  formula.classList.add('md-set');
  formula.replaceChildren(built);
}

function load() {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = new URL('./formulas.css', import.meta.url);
  document.head.append(link);
  return link;
}

function build(source) {
  if (!ELEMENTS.has(source.localName)) return undefined;
  const element = document.createElementNS(MATHML, source.localName);
  for (const { name, value } of source.attributes) {
    if (ATTRIBUTES.has(name)) element.setAttribute(name, value);
    if (name === 'style') style(element, value);
  }
  for (const child of source.childNodes) {
    const built = child.nodeType === Node.TEXT_NODE ? document.createTextNode(child.data) : build(child);
    if (!built) return undefined;
    element.append(built);
  }
  return element;
}

/** The page's policy forbids style attributes, but not this. */
function style(element, text) {
  for (const declaration of text.split(';')) {
    const [name, value] = declaration.split(/:(.*)/s).map((part) => part.trim());
    if (STYLES.has(name) && value) element.style.setProperty(name, value);
  }
}

/** Puts the selected text on the clipboard, with formulas as their source. */
export function copySource(event) {
  const selection = getSelection();
  if (!selection?.rangeCount || selection.isCollapsed || event.defaultPrevented) return;
  const range = selection.getRangeAt(0).cloneRange();
  const formulaAt = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest('.md-set');
  const [first, last] = [formulaAt(range.startContainer), formulaAt(range.endContainer)];
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  const copied = range.cloneContents();
  const formulas = copied.querySelectorAll('.md-set');
  if (!formulas.length) return;
  for (const formula of formulas) {
    formula.textContent = formula.dataset.mdSource;
    formula.classList.remove('md-set');
  }
  // Only what is laid out has line breaks between its blocks.
  const stage = document.createElement('div');
  stage.className = 'md md-stage';
  stage.append(copied);
  document.body.append(stage);
  event.clipboardData.setData('text/plain', stage.innerText.trim());
  stage.remove();
  event.preventDefault();
}
