// Keys and passkeys need a script: everything else works without.
const form = document.querySelector('[data-fido]');
const field = form?.querySelector('[name=key]');
const say = (tone, text) => {
  const banner = form.querySelector('[data-said]');
  banner.className = 'banner ' + tone;
  banner.hidden = false;
  banner.querySelector('span').textContent = text;
};

// Older browsers have no conversions to and from JSON.
const works = window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.PublicKeyCredential?.parseCreationOptionsFromJSON;

let waiting;
const ask = async (options, conditional) => {
  waiting?.abort();
  waiting = new AbortController();
  const create = form.dataset.fido === 'create';
  const publicKey = create ? PublicKeyCredential.parseCreationOptionsFromJSON(options) : PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const request = { publicKey, signal: waiting.signal };
  if (conditional) request.mediation = 'conditional';
  const credential = await (create ? navigator.credentials.create(request) : navigator.credentials.get(request));
  field.value = JSON.stringify(credential.toJSON());
  form.submit();
};

const refused = error => {
  if (error.name === 'AbortError') return;
  if (error.name === 'InvalidStateError') say('wait', 'This key is registered already. Use another one.');
  else if (error.name === 'NotAllowedError') say('wait', 'Nothing was proved. It was stopped, or it took too long. Try again.');
  else say('stop', 'Your browser could not ask: ' + error.message);
};

// Sign-in has no options before somebody wants a passkey; the steps after it bring theirs.
const options = async () => {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch('/signin/passkey/options', { method: 'POST', body: new URLSearchParams({ to: form.elements.to.value }) });
  if (!answer.ok) throw new Error('the server answered ' + answer.status);
  return answer.json();
};

// Sign-in has its password besides, so nothing is missing there.
if (form && !works && form.dataset.fido !== 'signin') say('wait', 'This browser knows no keys and passkeys. Use another way, or a newer browser.');
if (form && !works) for (const part of form.querySelectorAll('.or, [data-ask]')) part.hidden = true;
if (form && works) {
  const button = form.querySelector('[data-ask]');
  button.addEventListener('click', async event => {
    event.preventDefault();
    if (!form.reportValidity()) return;
    try { await ask(await options(), false); } catch (error) { refused(error); }
  });
  // A passkey may be picked where the user name is filled in, and a key is asked for at once.
  (async () => {
    try {
      if (form.dataset.fido === 'signin') {
        if (await PublicKeyCredential.isConditionalMediationAvailable?.()) await ask(await options(), true);
      } else if ('now' in form.dataset) await ask(await options(), false);
    } catch (error) { if (form.dataset.fido !== 'signin') refused(error); }
  })();
}
