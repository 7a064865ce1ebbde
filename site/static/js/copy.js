// A button for each text to copy.
// Without a script, a tap selects the whole text.
// Stores and sends nothing.
for (const text of document.querySelectorAll(".to-copy-text[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-quiet";
  button.textContent = text.dataset.copy;
  button.addEventListener("click", () => {
    getSelection().selectAllChildren(text);
    if (document.execCommand("copy")) button.textContent = text.dataset.copied;
  });
  text.after(button);
}
