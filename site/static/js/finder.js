// Optional extras of the finder: open now (by the reader's clock), sorting, the count in words, copying a number.
// Stores and sends nothing.
const counted = document.querySelector(".finder-count[data-hours]");

if (counted) {
  const results = document.querySelector(".finder-results");
  const say = counted.dataset;
  const status = results.querySelector("[role=status]");
  const rows = [...results.querySelectorAll(".finder-row")];
  const listing = (row) => row.firstElementChild;
  const sorted = document.querySelector("[data-facet=order]");
  const whether = document.querySelector("[data-facet=open]");
  const onlyOpen = whether.querySelector("[data-code=now]");
  const unsure = results.querySelector(".finder-unsure");

  // `c540o480…`: closed for 540 minutes from the start, then open for 480
  // (helpline/finder/content/listing/timetable.py).
  const timetables = say.hours.split(";").map((written) => {
    let ends = Number(say.start);
    return [...written.matchAll(/([cou])(\d+)/g)].map(([, state, minutes]) => ({ state, begins: ends, ends: (ends += Number(minutes)) }));
  });
  const clock = new Intl.DateTimeFormat(`${document.documentElement.lang}-u-nu-latn`, { weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const at = (minutes) => clock.format(minutes * 60_000);

  function words(timetable, now) {
    const here = timetable.findIndex((phase) => now < phase.ends);
    const phase = timetable[here];
    const next = timetable[here + 1];
    if (phase.state === "o") return next ? `${say.until} ${at(phase.ends)}` : say.open;
    if (phase.state === "u") return say.unknown;
    return next?.state === "o" ? `${say.opens} ${at(next.begins)}` : say.closed;
  }

  function tell() {
    const now = Date.now() / 60_000;
    const known = now >= say.start && now < Number(say.start) + Number(say.length);
    for (const each of results.querySelectorAll("[data-hours]")) {
      const timetable = timetables[each.dataset.hours];
      if (each.tagName === "I") {
        // Where the hours are not known, it may be open.
        const state = known && (timetable ? timetable.find((phase) => now < phase.ends).state : each.dataset.hours && "u");
        if (state && state !== "c") each.dataset.open = state;
        else delete each.dataset.open;
      } else {
        each.querySelector(".programme-now").textContent = known ? words(timetable, now) : "";
      }
    }
    // A page left open or saved for longer than its timetable covers shows that instead of guessing.
    if (!known) whether.querySelector("input").checked = true;
    whether.hidden = !known;
    count();
    results.querySelector(".finder-old").hidden = known;
  }

  const keys = {
    any: () => 0,
    open: (row) => (row.parentElement.querySelector(":scope > [data-open=o]") ? 0 : 1),
    checked: (row) => -Date.parse(listing(row).dataset.checked || 0),
    name: (row) => listing(row).querySelector("h3").textContent,
  };
  const groups = [...results.querySelectorAll(".finder-in")].map((heading) => {
    const within = new Set();
    for (let each = heading.nextElementSibling; each?.lastElementChild?.matches(".finder-row"); each = each.nextElementSibling) {
      within.add(each.lastElementChild);
    }
    return [heading, within];
  });
  const isSeen = (row) => row.offsetHeight > 0;
  // If CSS cannot filter the list, places are headings, and rows must stay below them.
  const canFilter = getComputedStyle(whether.form).display !== "none";
  const inOrder = new Intl.Collator(document.documentElement.lang).compare;

  function sort() {
    const key = keys[sorted.selectedOptions[0].dataset.code];
    // What may be open stands below what is.
    const first = onlyOpen.checked ? keys.open : keys.any;
    const keyed = rows.map((row) => [key(row), row, first(row)]);
    keyed.sort(([one, , open], [other, , otherOpen]) => open - otherOpen || (typeof one === "string" ? inOrder(one, other) : one - other));
    // Each group keeps its place under its heading.
    for (const [heading, within] of groups) {
      heading.after(...keyed.filter(([, row]) => within.has(row)).map(([, row]) => row.parentElement));
    }
  }

  // The latest announcement wins: a pending count must not replace it.
  let waiting;
  function speak(text) {
    clearTimeout(waiting);
    status.textContent = text;
  }

  const plurals = new Intl.PluralRules(document.documentElement.lang);
  const inWords = (what, number) => (counted.getAttribute(`data-${what}-${plurals.select(number)}`) ?? counted.getAttribute(`data-${what}-other`)).replace("#", number);

  function count() {
    if (!canFilter) return;
    let shown = 0;
    let unknown = 0;
    for (const [heading, within] of groups) {
      if (heading.matches(".finder-doubt")) continue;
      const seen = [...within].filter(isSeen);
      shown += seen.length;
      if (onlyOpen.checked) unknown += seen.filter(keys.open).length;
    }
    // Without these words, the style sheet counts.
    delete say.shown;
    counted.textContent = inWords("services", shown);
    unsure.hidden = !unknown;
    unsure.textContent = inWords("unsure", unknown);
  }

  function settle() {
    // The style sheet does not know whether a language or a channel leaves a group empty.
    for (const [heading, within] of groups) heading.hidden = ![...within].some(isSeen);
    speak(unsure.hidden ? counted.textContent : `${counted.textContent}. ${unsure.textContent}`);
  }

  for (const link of results.querySelectorAll(".programme-contact a[href^='tel:']")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = say.copy;
    button.setAttribute("aria-label", `${say.copy}: ${link.textContent}`);
    button.addEventListener("click", () => {
      getSelection().selectAllChildren(link);
      if (document.execCommand("copy")) speak((button.textContent = say.copied));
    });
    link.after(button);
  }

  if (canFilter) {
    sorted.parentElement.hidden = false;
    sorted.addEventListener("change", sort);
    whether.addEventListener("change", sort);
    const recount = () => {
      count();
      clearTimeout(waiting);
      waiting = setTimeout(settle, 400);
    };
    document.addEventListener("change", recount);
    // The event comes before the choices are reset.
    document.addEventListener("reset", () => setTimeout(recount));
  }
  tell();
  setInterval(tell, 60_000);
}
