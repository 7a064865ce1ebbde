// The quick exit of a help page.
// Without this script it is a plain link.
const links = document.querySelectorAll("[data-exit]");
const strip = document.querySelector(".exit");

// Cover the page first, because the network may be slow or down; then leave so that Back does not return here.
function leave(url) {
  const cover = document.createElement("div");
  cover.className = "exit-cover";
  cover.setAttribute("role", "alert");
  document.body.append(cover);
  cover.textContent = strip.dataset.leaving;
  location.replace(url);
}

if (strip) {
  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      leave(link.href);
    });
  }
  // It has the role of a button, so it must respond to the space bar.
  const button = strip.querySelector("[role=button]");
  button.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      button.click();
    }
  });

  // Shift pressed three times within five seconds.
  // Shift as part of a key combination or of a screen reader command does not count.
  const status = strip.querySelector("[role=status]");
  const say = (text, count = "") => {
    status.textContent = text;
    status.dataset.count = count;
  };
  let count = 0;
  let modified = false;
  let timer;
  const forget = (text = "") => {
    clearTimeout(timer);
    count = 0;
    say(text);
    if (text) timer = setTimeout(say, 5000, "");
  };
  document.addEventListener("keyup", (event) => {
    const alone = event.key === "Shift" && !modified && !(event.ctrlKey || event.altKey || event.metaKey);
    modified = event.shiftKey;
    if (!alone) {
      if (count) forget();
      return;
    }
    count += 1;
    if (count === 3) return leave(button.href);
    if (count === 1) {
      clearTimeout(timer);
      timer = setTimeout(forget, 5000, strip.dataset.expired);
    }
    say(count === 1 ? strip.dataset.twice : strip.dataset.once, count);
  });
}
