// Says in the page what allauth's own module only writes to the console: that a passkey did not work, and why.

const KINDS = { NotAllowedError: 'refused', AbortError: 'refused', InvalidStateError: 'known', NotSupportedError: 'unsupported' }

function tell (kind) {
  for (const sentence of document.querySelectorAll('[data-trouble]')) {
    sentence.hidden = sentence.dataset.trouble !== kind
  }
}

document.addEventListener('allauth.error', event => {
  event.preventDefault()
  tell('PublicKeyCredential' in window ? KINDS[event.detail.exception?.name] ?? 'other' : 'unsupported')
})
