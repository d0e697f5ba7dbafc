// Comforts only, as in kit.js: the server searches, marks and shows keys without this file.
const field = document.querySelector('[data-filter]');
const list = document.getElementById('list');

// find keeps what has every word, as the server does. The texts are read once, and again when marks or the server have
// changed the list.
const textsOf = () => all('.accounts > li', list).map(item => [item, all('summary strong, .id, .where, .roles strong', item).map(n => n.textContent).join('\n').toLowerCase()]);
let texts;
const findHere = text => {
  texts ??= textsOf();
  const words = text.toLowerCase().split(/\s+/).filter(Boolean).map(w => /^[\d-]+$/.test(w) ? w.replaceAll('-', '') : w);
  let matching = 0;
  for (const [item, has] of texts) {
    item.hidden = !words.every(w => has.includes(w));
    if (!item.hidden) matching++;
  }
  for (const section of all('section', list)) section.hidden = !section.querySelector('.accounts > li:not([hidden])');
  for (const heading of all('h2.label', list)) heading.hidden = words.length > 0;
  const recent = document.querySelector('[data-recent]');
  if (recent) recent.hidden = words.length > 0;
  list.querySelector('[data-none]').hidden = matching > 0;
  const found = list.querySelector('[data-found]');
  found.classList.toggle('hidden', !matching); // it is read out, and the card says so below
  found.textContent = !words.length ? '' : !matching ? 'No account matches.' : matching === 1 ? '1 account matches.' : `${matching} accounts match.`;
};

// Where only the server knows all accounts, it is asked as soon as a word stands still.
let asked;
const findThere = async text => {
  asked?.abort();
  asked = new AbortController();
  const at = field.form.action + (text.trim() ? '?' + new URLSearchParams({ q: text }) : '');
  try {
    const answer = await fetch(at, { signal: asked.signal });
    const found = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('list');
    if (!found) { field.form.requestSubmit(); return; }
    list.replaceChildren(...found.childNodes);
    history.replaceState(null, '', at);
    const recent = document.querySelector('[data-recent]');
    if (recent) recent.hidden = Boolean(text.trim());
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
};

if (field) {
  let wait;
  const here = field.dataset.filter === 'here';
  field.addEventListener('input', () => {
    if (here) { findHere(field.value); return; }
    clearTimeout(wait);
    wait = setTimeout(findThere, 150, field.value);
  });
  if (here) {
    field.form.addEventListener('submit', event => event.preventDefault());
    if (field.value) findHere(field.value); // the browser keeps what was typed when one comes back
  }
  document.addEventListener('keydown', event => {
    if (event.key !== '/' || event.target.matches('input, textarea, select') || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    field.focus();
  });
}

// send posts a form as its button would. What cannot be answered here is posted again without script, to show the page.
const send = async (event, more, done) => {
  const { target: form, submitter: button } = event;
  if (form.dataset.plainly || !button) return;
  event.preventDefault();
  const body = new URLSearchParams([...new FormData(form), [button.name, button.value], ...more]);
  try {
    if (await done(await fetch(form.action, { method: 'POST', body }), button)) return;
  } catch { /* the network; the browser says so better */ }
  form.dataset.plainly = 'yes';
  form.requestSubmit(button);
};

const marked = (answer, star) => {
  if (answer.status !== 204) return false;
  const on = star.name === 'mark';
  star.setAttribute('aria-pressed', on);
  star.name = on ? 'unmark' : 'mark';
  return true;
};

const dialog = document.getElementById('keys');
const showKeys = async answer => {
  if (answer.redirected) { location.assign(answer.url); return true; }
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const keys = page.querySelector('[data-keys]');
  if (!keys) return false;
  dialog.querySelector('[data-target]').replaceChildren(...page.querySelector('.title p').childNodes);
  dialog.querySelector('[data-body]').replaceChildren(keys);
  dress(keys);
  dialog.showModal();
  return true;
};
// Keys do not stay in a page that no longer shows them.
dialog?.addEventListener('close', () => dialog.querySelector('[data-body]').replaceChildren());

document.addEventListener('submit', event => {
  const path = new URL(event.target.action).pathname;
  if (path === '/start/favourites') send(event, [['stay', 'yes']], marked);
  if (path === '/start/keys' && dialog) send(event, [], showKeys);
});
