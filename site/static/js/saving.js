// Saving a form of the admin.
//
// By hand: after the autosave under way, once, and only while the session and the connection last. Otherwise the
// entries stay on the screen, with the reason.
// Automatically: only what a person has changed. Editors of rich text write their value anew when they are ready, which
// on a slow machine is after Wagtail has noted the values to compare with.
(() => {
  const { dataset } = document.currentScript;
  const autosaving = new Set(); // forms whose autosave has not been answered
  const held = new Map(); // forms that the user has saved, with the button
  let passing; // the form that is being sent
  let note;

  const show = (form, problem) => {
    note?.remove();
    note = undefined;
    if (!problem) return;
    note = Object.assign(document.createElement("p"), { className: "not-saved", textContent: dataset[problem] });
    note.setAttribute("role", "alert");
    if (problem === "signedOut") {
      const link = { href: dataset.signInUrl, target: "_blank", textContent: dataset.signIn };
      note.append(" ", Object.assign(document.createElement("a"), link));
    }
    (form.querySelector("footer") ?? form).prepend(note);
  };

  // The problem, if there is one. A new session has a new token, also for forms that were opened before.
  const renew = async (form) => {
    try {
      const headers = { "X-Requested-With": "XMLHttpRequest" };
      const response = await fetch(dataset.tokenUrl, { headers, redirect: "manual" });
      if ([0, 401, 403].includes(response.status)) return "signedOut";
      const { token } = await response.json();
      for (const field of form.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
      return "";
    } catch {
      return "offline";
    }
  };

  const release = (form) => {
    const button = held.get(form);
    held.delete(form);
    if (button) button.dataset.wProgressLoadingValue = "false"; // Wagtail shows “Saving…” for half a minute
  };

  const send = async (form) => {
    const problem = await renew(form);
    show(form, problem);
    if (problem) return release(form);
    const button = held.get(form);
    const waits = button?.disabled;
    if (button) button.disabled = false; // the value of a disabled button is not sent
    passing = form;
    form.requestSubmit(button);
    passing = undefined;
    if (button) button.disabled = waits;
  };

  addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (form === passing || !form.matches("[data-edit-form]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (held.has(form)) return;
      held.set(form, event.submitter);
      if (!autosaving.has(form)) send(form);
    },
    true,
  );

  addEventListener("w-autosave:save", (event) => {
    if (held.has(event.target)) event.preventDefault();
    else autosaving.add(event.target);
  });

  addEventListener("w-autosave:success", ({ target: form }) => {
    autosaving.delete(form);
    show(form, "");
    if (held.has(form)) send(form);
  });

  addEventListener("w-autosave:error", async ({ target: form, detail }) => {
    autosaving.delete(form);
    // Wagtail asks before a newer version is overwritten.
    if (detail.type === "invalid_revision") release(form);
    else if (held.has(form)) send(form);
    else if (detail.type === "server_error") show(form, await renew(form));
  });

  let touched = false;
  for (const type of ["beforeinput", "input", "change", "paste", "drop", "click"]) {
    addEventListener(
      type,
      ({ isTrusted, target }) => {
        touched ||= isTrusted && (type !== "click" || Boolean(target.closest?.("[data-edit-form] button")));
      },
      true,
    );
  }

  addEventListener(
    "w-unsaved:add",
    (event) => {
      const form = event.target;
      if (touched || form.dataset.wUnsavedForceValue === "true") return; // or it came back with errors
      event.stopImmediatePropagation();
      wagtail.app.getControllerForElementAndIdentifier(form, "w-unsaved").clear();
    },
    true,
  );

  // A new object is created once, even if the response with its address was lost.
  for (const form of document.querySelectorAll("[data-edit-form]")) {
    const value = `${Date.now()} ${Math.random()}`;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "form_key", value }));
  }

  // Back from the page that followed.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) for (const form of [...held.keys()]) release(form);
  });
})();
