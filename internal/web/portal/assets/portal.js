// Live filter over the accounts on the page; sending the form asks the server, which knows them all.
const field = document.querySelector('[data-filter]');
if (field) {
  const items = [...document.querySelectorAll('.accounts > li')];
  const found = document.querySelector('[data-found]');
  const texts = items.map(item => [...item.querySelectorAll('summary strong, .id, .where, .roles strong')].map(n => n.textContent).join('\n').toLowerCase());
  const before = [...found.childNodes];
  const filter = () => {
    const text = field.value.trim().toLowerCase();
    let matching = 0;
    items.forEach((item, i) => { item.hidden = !texts[i].includes(text); if (!item.hidden) matching++; });
    if (!text || text === field.defaultValue.toLowerCase()) { found.replaceChildren(...before); return; }
    found.textContent = matching === 1 ? '1 account here matches.' : `${matching} accounts here match. Press Enter to look through all.`;
  };
  field.addEventListener('input', filter);
  document.addEventListener('keydown', event => {
    if (event.key !== '/' || event.target.matches('input, textarea')) return;
    event.preventDefault();
    field.focus();
  });
}
