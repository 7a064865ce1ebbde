// Show on the page the cause of a passkey error, which allauth's own module only logs to the console.

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
