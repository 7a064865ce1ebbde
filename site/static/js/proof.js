// Solves the challenge embedded in a form on the private site (core/http/limits.py): finds the number whose derived key
// has the given prefix.
// Web Crypto does the work off the main thread, starting when the user begins to type.

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function solve({ parameters, signature }) {
  const nonce = bytes(parameters.nonce);
  const salt = bytes(parameters.salt);
  const hash = parameters.algorithm.split("/")[1];
  const began = performance.now();
  for (let counter = 0; ; counter += 1) {
    const password = new Uint8Array(nonce.length + 4);
    password.set(nonce);
    new DataView(password.buffer).setUint32(nonce.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const rule = { name: "PBKDF2", hash, salt, iterations: parameters.cost };
    const derivedKey = hex(await crypto.subtle.deriveBits(rule, key, parameters.keyLength * 8));
    if (derivedKey.startsWith(parameters.keyPrefix)) {
      const solution = { counter, derivedKey, time: Math.round(performance.now() - began) };
      return btoa(JSON.stringify({ challenge: { parameters, signature }, solution }));
    }
  }
}

const place = document.querySelector("[data-proof]");
const form = place.closest("form");
const answer = place.querySelector("input");
const working = place.querySelector("[data-proof-working]");
const impossible = place.querySelector("[data-proof-impossible]");
let solved;

function begin() {
  solved ??= solve(JSON.parse(place.dataset.proof)).then((payload) => {
    answer.value = payload;
  });
  return solved;
}

if (globalThis.crypto?.subtle) {
  form.addEventListener("focusin", () => begin().catch(() => {}), { once: true });
  form.addEventListener("submit", async (event) => {
    if (answer.value) return;
    event.preventDefault();
    working.hidden = false;
    event.submitter?.setAttribute("aria-busy", "true");
    try {
      await begin();
      form.submit();
    } catch {
      event.submitter?.removeAttribute("aria-busy");
      working.hidden = true;
      impossible.hidden = false;
    }
  });
} else {
  impossible.hidden = false;
}
