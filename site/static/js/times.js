// Adds the reader's local time beside the time of an event, if it differs.
// Stores and sends nothing.
for (const place of document.querySelectorAll("[data-begins]")) {
  const { begins, ends, offset, own } = place.dataset;
  const [first, last] = [new Date(begins), new Date(ends)];
  if (first.getTimezoneOffset() + Number(offset)) {
    // Our English is British: "en" alone would be the American clock.
    const format = new Intl.DateTimeFormat(document.documentElement.lang.replace(/^en$/, "en-GB"), {
      weekday: "short", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", timeZoneName: "short",
    });
    place.append(own.replace("{}", format.formatRange(first, last)));
    place.hidden = false;
  }
}
