// Old links name a place after the hash, which no server sees: turn it into a path, before sign-in where need be.
const follow = () => {
  const found = /^#\/([a-z]*)\/?(?:\?(.*))?$/.exec(location.hash);
  if (!found) return;
  const signIn = location.pathname === '/signin';
  const came = signIn ? new URLSearchParams(location.search).get('to') ?? '/start' : location.pathname;
  const portal = /^\/start\/([^/?]+)/.exec(came)?.[1] ?? '';
  const asked = new URLSearchParams(found[2] ?? '');
  const pick = (path, ...names) => {
    const kept = new URLSearchParams();
    for (const name of names) if (asked.has(name)) kept.set(name, asked.get(name));
    if (portal) kept.set('portal', decodeURIComponent(portal));
    return path + (kept.size ? '?' + kept : '');
  };
  let to = portal ? '/start/' + portal : '/start';
  if (found[1] === 'console') to = pick('/start/console', 'account_id', 'role_name', 'destination');
  if (found[1] === 'device') to = pick('/device', 'user_code');
  location.replace(signIn ? '/signin?' + new URLSearchParams({ to }) : to);
};
follow();
addEventListener('hashchange', follow); // such a link was opened over this page
