// Comforts only: every page reads and submits without this file. What needs it has data-script, and is not shown where
// scripts are off. Pages wait for it with their first picture, so that nothing they show moves.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// Times stand in UTC; show them on the reader's clock.
const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const stamp = { ...clock, day: 'numeric', month: 'long', year: 'numeric' };
const formats = { clock, stamp, exact: { ...stamp, second: '2-digit' } };

// dress gives a page, or a part that came later, its comforts.
const dress = root => {
  for (const time of all('time[data-local]', root)) {
    const at = new Date(time.dateTime);
    if (isNaN(at)) continue;
    time.title = time.textContent;
    time.textContent = new Intl.DateTimeFormat('en-GB', formats[time.dataset.local]).format(at).replace(' at ', ', ');
  }

  // textContent, because innerText of dotted text is dots.
  for (const button of all('[data-copy]', root)) {
    button.hidden = !navigator.clipboard;
    button.addEventListener('click', async () => {
      const label = button.querySelector('span');
      try {
        await navigator.clipboard.writeText(button.parentElement.querySelector('pre').textContent);
        label.textContent = 'Copied';
      } catch {
        label.textContent = 'Select it';
      }
      setTimeout(() => { label.textContent = 'Copy'; }, 2000);
    });
  }

  // A password can be looked at where nobody looks over the shoulder.
  for (const box of all('[data-show]', root)) {
    const field = document.getElementById(box.dataset.show);
    box.addEventListener('change', () => { field.type = box.checked ? 'text' : 'password'; });
    field.form.addEventListener('submit', () => { field.type = 'password'; });
  }

  // Without script, tabs are links to blocks that stand one under another.
  for (const box of all('[data-tabs]', root)) {
    const tabs = all('.tabs a', box);
    const panel = tab => document.getElementById(tab.hash.slice(1));
    const pick = tab => tabs.forEach(other => {
      other.setAttribute('aria-selected', other === tab);
      other.tabIndex = other === tab ? 0 : -1;
      panel(other).hidden = other !== tab;
    });
    box.querySelector('.tabs').setAttribute('role', 'tablist');
    tabs.forEach((tab, i) => {
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-controls', panel(tab).id);
      panel(tab).setAttribute('role', 'tabpanel');
      tab.addEventListener('click', event => { event.preventDefault(); pick(tab); });
      tab.addEventListener('keydown', event => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = tabs.at((i + step) % tabs.length);
        pick(next);
        next.focus();
      });
    });
    pick(tabs[0]);
  }
};
dress(document);
