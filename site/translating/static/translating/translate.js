// The queue of texts: saves each text when it is left, and adds the keys, which are those of Weblate.
// Without it, the texts are forms with the same buttons.
{
  const queue = document.querySelector("[data-queue]");
  const texts = [...queue.querySelectorAll("[data-text]")];
  const field = (text) => text.elements.words;
  // As the server sent them: a person may have typed before this script ran.
  const stored = new Map(texts.map((text) => [text, [field(text).defaultValue, text.elements.doubtful.defaultChecked]]));
  const pending = new Map();
  for (const key of document.querySelectorAll("[data-key]")) key.hidden = false;

  const isChanged = (text) => {
    const [words, doubtful] = stored.get(text);
    return field(text).value !== words || text.elements.doubtful.checked !== doubtful;
  };

  const say = (text, words, isProblem) => {
    const status = text.querySelector("[role=status]");
    status.textContent = words;
    status.classList.toggle("is-problem", isProblem);
  };

  const send = async (text, before) => {
    const sent = stored.get(text);
    const undo = () => stored.get(text) === sent && stored.set(text, before);
    try {
      const answer = await fetch(location.href, {
        method: "POST",
        body: new FormData(text),
        headers: { accept: "application/json" },
        keepalive: true,
      });
      if (answer.redirected || !answer.headers.get("content-type")?.includes("json")) {
        say(text, queue.dataset.signedOut, true);
        undo();
        return;
      }
      const { said, problem, seen, total, done, progress } = await answer.json();
      text.elements.seen.value = seen;
      say(text, said, problem);
      if (!answer.ok) {
        undo();
        return;
      }
      const bar = document.querySelector(".queue-progress progress");
      bar.max = total;
      bar.value = done;
      document.getElementById("queue-progress").textContent = progress;
    } catch {
      say(text, queue.dataset.failed, true);
      undo();
    }
  };

  // One request for a text at a time: the server compares each with the one before.
  const save = (text) => {
    const before = stored.get(text);
    stored.set(text, [field(text).value, text.elements.doubtful.checked]);
    const saved = (pending.get(text) ?? Promise.resolve()).then(() => send(text, before));
    pending.set(text, saved);
    return saved;
  };

  const saveChanged = (chosen) => chosen.filter(isChanged).forEach(save);

  const go = (text, step) => {
    const next = texts[texts.indexOf(text) + step];
    if (!next) return false;
    field(next).focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };

  // After the last text of a screen, the next screen follows once all are saved.
  const goOn = async (text) => {
    if (go(text, 1)) return;
    saveChanged(texts);
    await Promise.all(pending.values());
    if (texts.some(isChanged)) return;
    location.href = document.querySelector("[data-next]")?.href ?? document.querySelector("[data-again]").href;
  };

  const take = (text, words) => {
    field(text).value = words;
    field(text).focus();
  };

  const accept = (text) => {
    const suggestions = [...text.querySelectorAll("[data-take=suggestion]")].map((button) => button.value);
    if (suggestions.length) take(text, suggestions[(suggestions.indexOf(field(text).value) + 1) % suggestions.length]);
  };

  const keys = {
    "mod+Enter": (text) => {
      save(text);
      goOn(text);
    },
    "alt+ArrowDown": (text) => go(text, 1),
    "alt+PageDown": (text) => go(text, 1),
    "alt+ArrowUp": (text) => go(text, -1),
    "alt+PageUp": (text) => go(text, -1),
    "mod+m": accept,
    "mod+o": (text) => take(text, text.querySelector("[data-source]").dataset.source),
    "mod+y": (text) => {
      text.elements.doubtful.checked = !text.elements.doubtful.checked;
    },
  };
  keys["alt+Enter"] = keys["mod+Enter"];

  for (const text of texts) {
    text.addEventListener("keydown", (event) => {
      // AltGr, which types letters, is Ctrl and Alt at once.
      const isMod = event.ctrlKey || event.metaKey;
      const modifier = isMod === event.altKey ? "" : isMod ? "mod" : "alt";
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const action = event.shiftKey ? undefined : keys[`${modifier}+${key}`];
      if (!action) return;
      event.preventDefault();
      action(text);
    });
    text.addEventListener("focusout", ({ relatedTarget }) => {
      if (!text.contains(relatedTarget) && isChanged(text)) save(text);
    });
    text.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (button?.name === "decide") {
        const others = texts.filter((other) => other !== text);
        saveChanged(others);
        if (!pending.size) {
          stored.set(text, [field(text).value, text.elements.doubtful.checked]);
          return;
        }
        event.preventDefault();
        // In a task of its own: a form ignores what submits it while its own submit event is dispatched.
        const again = () => {
          pending.clear();
          if (!others.some(isChanged)) text.requestSubmit(button);
        };
        Promise.all(pending.values()).then(() => setTimeout(again));
        return;
      }
      event.preventDefault();
      if (button?.dataset.take) {
        take(text, button.value);
      } else {
        save(text);
        goOn(text);
      }
    });
  }

  // The page is hidden when its tab or the browser is closed, and then may still send what was typed.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") saveChanged(texts);
  });
  window.addEventListener("beforeunload", (event) => {
    if (texts.some(isChanged)) event.preventDefault();
  });
}
