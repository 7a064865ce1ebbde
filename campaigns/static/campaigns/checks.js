// Runs in the editor of a translation, where texts are saved one by one without reloading the page.
// After each, the results of the server replace the previous ones and are announced to screen readers.
{
  const checks = document.querySelector("[data-checks]");
  const said = () => checks.querySelector("[role=status]");
  const isSaving = ({ name }) => new URL(name).pathname.startsWith(checks.dataset.checks);
  let waiting;

  const ask = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelector("[data-checks] [role=status]");
    if (!now) return;
    const list = now.querySelector("details");
    if (list && said().querySelector("details[open]")) list.open = true;
    if (now.innerHTML !== said().innerHTML) said().replaceChildren(...now.childNodes);
  };

  new PerformanceObserver((entries) => {
    if (!entries.getEntries().some(isSaving)) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 200);
  }).observe({ type: "resource" });
}
