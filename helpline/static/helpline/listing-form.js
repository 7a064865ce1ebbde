// The form of a listing: names to type, a table of the week, and only the fields of the chosen channel.
// Custom elements, so that contact points that are added later work like the others.
(() => {
  const changed = (field) => {
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  };
  const make = (name, properties = {}) => Object.assign(document.createElement(name), properties);
  let made = 0;

  // --- Several of many ---

  class CodePicker extends HTMLElement {
    connectedCallback() {
      if (this.box) return;
      this.select = this.querySelector("select");
      this.select.hidden = true;
      const id = `code-picker-${(made += 1)}`;
      this.chosen = make("ul", { className: "code-picker-chosen" });
      this.list = make("datalist", { id });
      this.box = make("input", { type: "text", autocomplete: "off", placeholder: this.dataset.type });
      this.box.setAttribute("list", id);
      // The label and the help text belong to the text input.
      for (const name of ["aria-describedby", "aria-invalid"]) {
        if (this.select.hasAttribute(name)) this.box.setAttribute(name, this.select.getAttribute(name));
      }
      this.box.id = this.select.id;
      this.select.removeAttribute("id");
      this.box.addEventListener("input", (event) => {
        event.stopPropagation();
        if (event.inputType === "insertReplacementText" || !event.inputType) this.add(false);
      });
      this.box.addEventListener("change", (event) => {
        event.stopPropagation();
        this.add(true);
      });
      this.box.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault(); // which would save the form
        this.add(true);
      });
      this.append(this.chosen, this.box, this.list);
      this.show();
    }

    // Choose the option that was typed, or the only one that begins with the typed text.
    add(mayGuess) {
      const typed = this.box.value.trim().toLocaleLowerCase();
      if (!typed) return;
      const begun = [...this.select.options].filter(
        (option) => !option.selected && option.text.toLocaleLowerCase().startsWith(typed),
      );
      const same = begun.find((option) => option.text.toLocaleLowerCase() === typed);
      const found = same || (mayGuess && begun.length === 1 && begun[0]);
      if (!found) return;
      found.selected = true;
      this.box.value = "";
      this.show();
      changed(this.select);
    }

    remove(option) {
      option.selected = false;
      this.show();
      changed(this.select);
      this.box.focus();
    }

    show() {
      const options = [...this.select.options];
      this.chosen.replaceChildren(
        ...options
          .filter((option) => option.selected)
          .map((option) => {
            const button = make("button", { type: "button", textContent: `${option.text} ×` });
            button.setAttribute("aria-label", `${this.dataset.remove}: ${option.text}`);
            button.addEventListener("click", () => this.remove(option));
            const item = make("li");
            item.append(button);
            return item;
          }),
      );
      this.list.replaceChildren(
        ...options.filter((option) => !option.selected).map((option) => make("option", { value: option.text })),
      );
    }
  }

  // --- Opening hours ---

  const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
  const DAY = `(?:${DAYS.join("|")})`;
  const SPAN = "\\d\\d:\\d\\d\\s*-\\s*\\d\\d:\\d\\d";
  const RULE = new RegExp(`^(?:(${DAY}(?:\\s*[-,]\\s*${DAY})*)\\s+)?(off|closed|${SPAN}(?:\\s*,\\s*${SPAN})?)$`);

  // A time as people write it: 9, 9:30, 17.30 or 1730.
  // Not `<input type="time">`, which writes 5 p.m. as 05:00 in some browsers.
  function timeOf(text) {
    const found = /^(\d{1,2})(?:[:.h]?([0-5]\d))?$/.exec(text.trim());
    if (!found || Number(found[1]) > 24) return "";
    return `${found[1].padStart(2, "0")}:${found[2] || "00"}`;
  }

  function daysOf(text) {
    if (!text) return DAYS;
    return text.split(",").flatMap((part) => {
      const [first, last] = part.split("-").map((day) => DAYS.indexOf(day.trim()));
      if (last === undefined) return [DAYS[first]];
      return first <= last ? DAYS.slice(first, last + 1) : [...DAYS.slice(first), ...DAYS.slice(0, last + 1)];
    });
  }

  // The week of a text, or null if it is not an ordinary week of at most two spans a day.
  function readHours(text) {
    const week = { always: false, holidays: false, days: Object.fromEntries(DAYS.map((day) => [day, []])) };
    const rules = text.split(";").map((rule) => rule.trim()).filter(Boolean);
    if (rules.length === 1 && rules[0] === "24/7") return { ...week, always: true };
    for (const rule of rules) {
      if (/^PH\s+(off|closed)$/.test(rule)) {
        week.holidays = true;
        continue;
      }
      const found = RULE.exec(rule);
      if (!found) return null;
      const spans = /\d/.test(found[2]) ? found[2].split(",").map((span) => span.split("-").map((time) => time.trim())) : [];
      if (spans.flat().some((time) => !/^([01]\d|2[0-4]):[0-5]\d$/.test(time))) return null;
      for (const day of daysOf(found[1])) week.days[day] = spans;
    }
    return week;
  }

  function writeHours(week) {
    if (week.always) return "24/7";
    const rules = [];
    for (const day of DAYS) {
      const times = week.days[day].map((span) => span.join("-")).join(",");
      const last = rules.at(-1);
      if (last && last.times === times) last.to = day;
      else rules.push({ from: day, to: day, times });
    }
    const written = rules
      .filter((rule) => rule.times)
      .map((rule) => `${rule.from === rule.to ? rule.from : `${rule.from}-${rule.to}`} ${rule.times}`);
    if (written.length && week.holidays) written.push("PH off");
    return written.join("; ");
  }

  class OpeningHours extends HTMLElement {
    connectedCallback() {
      if (this.text) return;
      this.text = this.querySelector("input");
      this.table = this.querySelector(".hours-week");
      this.note = this.querySelector(".hours-note");
      this.more = this.querySelector(".hours-more");
      [this.always, this.holidays] = this.more.querySelectorAll("input");
      this.text.addEventListener("input", () => this.isWriting || this.fill());
      for (const part of [this.table, this.more]) {
        for (const name of ["input", "change"]) {
          part.addEventListener(name, (event) => {
            event.stopPropagation(); // the text is what was changed
            if (name === "change") this.write();
          });
        }
      }
      this.fill();
    }

    times(row) {
      return [...row.querySelectorAll("input")];
    }

    fill() {
      const week = readHours(this.text.value);
      this.note.hidden = week !== null;
      this.more.hidden = week === null;
      this.table.hidden = week === null || week.always;
      if (week === null) return;
      this.always.checked = week.always;
      this.holidays.checked = week.holidays;
      for (const row of this.table.querySelectorAll("[data-day]")) {
        const written = week.days[row.dataset.day].flat();
        this.times(row).forEach((input, number) => {
          input.value = written[number] || "";
        });
      }
    }

    write() {
      const days = {};
      for (const row of this.table.querySelectorAll("[data-day]")) {
        const [from, to, again, until] = this.times(row).map((input) => {
          const time = timeOf(input.value);
          input.setAttribute("aria-invalid", String(Boolean(input.value.trim()) && !time));
          if (time) input.value = time;
          return time;
        });
        days[row.dataset.day] = [[from, to], [again, until]]
          .filter(([begin, end]) => begin && end)
          .map(([begin, end]) => [begin, end === "00:00" ? "24:00" : end]);
      }
      this.table.hidden = this.always.checked;
      this.text.value = writeHours({ always: this.always.checked, holidays: this.holidays.checked, days });
      this.isWriting = true;
      changed(this.text);
      this.isWriting = false;
    }
  }

  // --- The fields of a channel ---

  // The container of a field with its label.
  const panelOf = (field) => field.closest?.("[data-field-wrapper]")?.parentElement;

  function showFieldsOf(select) {
    const ofChannel = JSON.parse(select.dataset.fields);
    const start = select.name.slice(0, -"channel".length);
    const some = new Set(Object.values(ofChannel).flat());
    const wanted = new Set(ofChannel[select.value] || some);
    for (const name of some) {
      const field = select.form?.elements[`${start}${name}`];
      const panel = field && panelOf(field);
      if (!panel) continue;
      const isEmpty = !field.value || field.value === "unknown";
      panel.hidden = isEmpty && !wanted.has(name);
    }
    // A heading with nothing below it is hidden, too.
    for (const group of select.closest("[data-panel]")?.querySelectorAll(".w-panel__wrapper") || []) {
      const inside = [...group.querySelectorAll("[data-field-wrapper]")].map((wrapper) => wrapper.parentElement);
      group.hidden = inside.length > 0 && inside.every((panel) => panel.hidden);
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("select[data-fields]")) showFieldsOf(event.target);
  });

  // --- Time zones ---

  function offerZones() {
    if (document.getElementById("time-zones") || !Intl.supportedValuesOf) return;
    const list = make("datalist", { id: "time-zones" });
    list.append(...Intl.supportedValuesOf("timeZone").map((zone) => make("option", { value: zone })));
    document.body.append(list);
  }
  document.addEventListener("focusin", (event) => {
    if (!event.target.matches?.("input[data-zones]")) return;
    offerZones();
    event.target.setAttribute("list", "time-zones");
  });

  // Not before the page is parsed: an element would be connected without its children.
  const start = () => {
    customElements.define("code-picker", CodePicker);
    customElements.define("opening-hours", OpeningHours);
    document.querySelectorAll("select[data-fields]").forEach(showFieldsOf);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
