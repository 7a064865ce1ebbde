// Runs in the preview in the admin. The server has checked the draft; this script finds the elements with the problems
// for Wagtail's content checks. The names of the checks are in the configuration that Wagtail adds to the page.
{
  const bar = document.querySelector("wagtail-userbar");
  const configuration = bar?.shadowRoot?.querySelector("#checker-axe-configuration");

  const plain = (text) => (text || "").replace(/\s+/g, " ").trim();
  const says = (element, text) => plain(element.alt ?? element.textContent).includes(text);

  // An element is flagged if it contains the text and no smaller one in it does.
  // A text that is not visible on the page, such as the description for search engines, is flagged on its title.
  const isNamed = (element, text, texts) => {
    if (says(element, text)) return ![...element.querySelectorAll(texts)].some((inner) => says(inner, text));
    return element.matches("h1") && !plain(document.body.textContent).includes(text);
  };

  const decoded = (name) => {
    try {
      return decodeURIComponent(name);
    } catch {
      return name; // a lone per cent sign
    }
  };
  const leads = (link) => {
    const name = link.hash.slice(1);
    return !name || name === "top" || document.getElementById(decoded(name)) !== null;
  };

  const evaluate = (element, { found = [], whole = false, places = false, texts }) => {
    if (whole) return element !== document.querySelector("h1");
    if (places) return leads(element);
    return !found.some((text) => isNamed(element, text, texts));
  };

  for (const { id } of JSON.parse(configuration?.textContent || "{}").spec?.checks || []) {
    if (id.startsWith("waymark-")) window.wagtail.userbar.registerCheck(id, evaluate);
  }
}
